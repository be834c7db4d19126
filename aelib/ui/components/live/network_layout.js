// Where the parts of a network are drawn: its input, a column for each stage, and its output.

// CSS pixels: below the columns for their names; between two of them, at least and at most.
const NAMES_HEIGHT = 36
const LEAST_GAP = 8
const MOST_GAP = 110
// Of a cell of a layer, of a bar of the code, of a feature map, and of an image, at most.
const CELL = 11
const BAR = 13
const MAP = 84
const IMAGE = 140
// How much smaller cells may be for that.
const FULL_ROWS = 0.8
// A longer code is drawn as cells.
const MOST_BARS = 64
// How much of the height bars have.
const BARS_HEIGHT = 0.72

/**
 * @param {DrawnNetwork} network
 * @param {number} width
 * @param {number} height
 * @param {number} side of an image in pixels
 * @returns {Column[]}
 */
function layNetwork(network, width, height, side) {
  const room = height - NAMES_HEIGHT
  const count = network.stages.length
  const image = wholeMultiple(Math.min(room - 4, IMAGE, width * 0.16), side)
  const slot = (width - 2 * image - (count + 1) * LEAST_GAP) / count
  // A cell is as large in one layer as in another, so that more units are more area.
  const least = Math.min(...network.stages.map((stage) => stageSize(stage, slot, room, CELL)).map(cellSize))
  const sizes = network.stages.map((stage) => stageSize(stage, slot, room, least))
  const taken = 2 * image + sizes.reduce((sum, { width }) => sum + width, 0)
  const gap = Math.min(MOST_GAP, (width - taken) / (count + 1))
  let left = Math.max(0, (width - taken - gap * (count + 1)) / 2)
  let first = 0
  /** @type {(size: Partial<Column>) => Column} */
  const place = (size) => {
    const column = /** @type {Column} */ ({ ...size, left, top: (room - size.height) / 2 + 2 })
    left += size.width + gap
    return column
  }
  const input = place({ kind: "input", width: image, height: image })
  const columns = network.stages.map((stage, index) => {
    const column = place({ ...sizes[index], stage, index, first })
    first += stage.cells.reduce((a, b) => a * b, 1)
    return column
  })
  return [input, ...columns, place({ kind: "output", width: image, height: image })]
}

/**
 * The largest size of so many pixels, each a whole number of the screen's, where there is room for that.
 *
 * @param {number} room
 * @param {number} pixels
 */
function wholeMultiple(room, pixels) {
  const ratio = devicePixelRatio || 1
  const scale = Math.floor((room * ratio) / pixels) / ratio
  return scale ? scale * pixels : room
}

/**
 * How a stage is drawn, in how much of its slot.
 *
 * @param {DrawnStage} stage
 * @param {number} slot
 * @param {number} room in height
 * @param {number} most CSS pixels that a cell has
 * @returns {Partial<Column>}
 */
function stageSize(stage, slot, room, most) {
  const [count, side] = stage.cells
  if (side) return mapsSize(count, side, slot, room)
  if (stage.code && count <= MOST_BARS) {
    const size = Math.max(1, Math.min(BAR, slot / count))
    return { kind: "bars", size, columns: count, rows: 1, width: size * count, height: room * BARS_HEIGHT }
  }
  return cellsSize(count, slot, room, most)
}

/** @type {(size: Partial<Column>) => number} */
const cellSize = ({ kind, size }) => (kind === "cells" ? size : CELL)

/**
 * Cells as large as there is room for, in full rows and not wider than high where that makes them hardly smaller.
 *
 * @param {number} count
 * @param {number} slot
 * @param {number} room
 * @param {number} most
 * @returns {Partial<Column>}
 */
function cellsSize(count, slot, room, most) {
  const fit = (columns) => {
    const rows = Math.ceil(count / columns)
    const size = Math.floor(2 * Math.min(most, slot / columns, room / rows)) / 2
    return { columns, rows, size, worth: size * (count % columns ? FULL_ROWS : 1) * (columns > rows ? FULL_ROWS : 1) }
  }
  const best = Array.from({ length: count }, (_, i) => fit(i + 1)).reduce((a, b) => (b.worth > a.worth ? b : a))
  const size = Math.max(1, best.size)
  return { kind: "cells", ...best, size, width: best.columns * size, height: best.rows * size }
}

/** @returns {Partial<Column>} */
function mapsSize(count, side, slot, room) {
  const gap = 2
  const fit = (rows) => {
    const columns = Math.ceil(count / rows)
    const size = Math.min(MAP, room / rows - gap, slot / columns - gap)
    return { rows, columns, size: wholeMultiple(Math.max(size, 2), side) }
  }
  const best = Array.from({ length: count }, (_, i) => fit(i + 1)).reduce((a, b) => (b.size > a.size ? b : a))
  return { kind: "maps", ...best, width: best.columns * (best.size + gap) - gap, height: best.rows * (best.size + gap) - gap }
}

/**
 * The place of a cell on the canvas: of a unit, or of a whole feature map.
 *
 * @param {Column} column
 * @param {number} cell
 * @returns {[left: number, top: number, width: number, height: number]}
 */
function cellBox({ kind, left, top, size, columns, height }, cell) {
  if (kind === "bars") return [left + cell * size, top, size, height]
  const pitch = kind === "maps" ? size + 2 : size
  return [left + (cell % columns) * pitch, top + Math.floor(cell / columns) * pitch, size, size]
}

/**
 * The column at a place, and the cell of it; -1 beside all cells.
 *
 * @param {Column[]} columns
 * @param {number[]} at
 * @returns {{ column: number, cell: number } | null}
 */
function cellAt(columns, [x, y]) {
  const column = columns.findIndex(({ left, width }) => x >= left - LEAST_GAP / 2 && x < left + width + LEAST_GAP / 2)
  if (column < 0) return null
  const { stage } = columns[column]
  if (!stage) return { column, cell: -1 }
  const inside = (cell) => {
    const [left, top, width, height] = cellBox(columns[column], cell)
    return x >= left && x < left + width && y >= top && y < top + height
  }
  return { column, cell: Array.from({ length: stage.cells[0] }, (_, cell) => cell).findIndex(inside) }
}
