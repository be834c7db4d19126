// The network, with one test image on its way through it, by the weights of the step that is looked at.

// The image of a unit beside the pointer, and the lines under it.
const UNIT_IMAGE = 84
const LINE = 15
// An activation as a byte, see state.py: 0, and how far from it the largest is.
const ZERO = 128
const FULL = 127

class NetworkPanel {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.canvas = one("canvas")
    this.ui = { facts: one(".facts"), said: one(".said"), edit: one(".edit"), selected: one(".selected"), sides: one(".sides") }
    this.buttons = { narrow: one(".slimmer"), widen: one(".wider"), add: one(".add"), remove: one(".remove") }
    this.unitImages = new UnitImages(() => view.redraw("network"))
    this.maps = element("canvas")
    this.edits = []
    /** @type {DrawnNetwork | null} the network of the settings; null where that of the run is shown as it is */
    this.settings = null
    // What is selected stays so when layers come and go around it.
    this.selected = { part: "encoder", number: -1, code: true }
    this.clear()
    for (const [action, button] of Object.entries(this.buttons)) button.onclick = () => this.edit(action)
    const { canvas } = this
    canvas.onpointermove = (event) => this.hover(event)
    canvas.onpointerdown = (event) => this.press(event)
    canvas.onpointerleave = () => { this.pointed = null; view.redraw("network") }
    canvas.onblur = () => { this.held = null; view.redraw("network") }
    canvas.onkeydown = (event) => this.key(event)
  }

  clear() {
    /** @type {number} which of the images shown is sent through */
    this.image = 0
    /** @type {Column[]} */
    this.columns = []
    // The cell under the pointer, and the one that keys have led to.
    this.pointed = this.held = null
    this.unitImages.clear()
  }

  close() {
    this.unitImages.close()
  }

  offer(network, edits) {
    this.settings = network
    this.edits = edits
  }

  // The network to draw: its words may have changed with a setting that changes no cell.
  get network() {
    return this.settings ?? this.view.recording.network
  }

  // The frame whose activations are those of the network drawn; null where there is none.
  get frame() {
    const { network, shown } = this.view.recording
    return shown?.cells && network?.key === this.network?.key ? shown : null
  }

  get place() {
    const { part, number, code } = this.selected
    const found = this.columns.findIndex(({ kind, stage }) =>
      stage ? (code ? stage.code : stage.part === part && stage.number === number) : kind === part)
    return found < 0 ? this.columns.findIndex(({ stage }) => stage?.code) : found
  }

  // ---- what a hand does -----------------------------------------------------------------------------

  choose(image) {
    const count = this.view.panels.images.visible
    if (!count) return
    this.image = (image + count) % count
    this.view.redraw("network", "images")
  }

  select(column) {
    const { kind, stage } = this.columns[column]
    this.selected = stage ? { part: stage.part, number: stage.number, code: stage.code } : { part: kind, number: -1, code: false }
  }

  hover(event) {
    this.pointed = cellAt(this.columns, [event.offsetX, event.offsetY])
    this.view.redraw("network")
  }

  press(event) {
    this.canvas.focus({ preventScroll: true })
    const found = cellAt(this.columns, [event.offsetX, event.offsetY])
    if (!found) return
    if (this.columns[found.column].kind === "input") this.choose(this.image + 1)
    this.select(found.column)
    this.pointed = found
    this.held = null
    this.view.redraw("network")
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.columns.length) return
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.move(-1),
      ArrowRight: () => this.move(1),
      ArrowUp: () => this.step(-1),
      ArrowDown: () => this.step(1),
      "+": () => this.edit("widen"),
      "-": () => this.edit("narrow"),
      Insert: () => this.edit("add"),
      Delete: () => this.edit("remove"),
    }
    if (!(event.key in keys)) return
    event.preventDefault()
    keys[event.key]()
    this.pointed = null
    this.view.redraw("network")
  }

  move(by) {
    this.select(Math.max(0, Math.min(this.columns.length - 1, this.place + by)))
    this.held = { column: this.place, cell: 0 }
  }

  // To the next cell of a layer; at the input, to the next image.
  step(by) {
    const { kind, stage } = this.columns[this.place]
    if (kind === "input") this.choose(this.image + by)
    if (!stage) return
    const count = stage.cells[0]
    const cell = this.held?.column === this.place ? this.held.cell + by : 0
    this.held = { column: this.place, cell: (cell + count) % count }
  }

  edit(action) {
    const column = this.place
    if (!this.edits[column]?.[action]) return
    this.view.tell("edit", { column, action })
    const { selected } = this
    if (!selected.code && (action === "add" || action === "remove")) {
      const number = selected.number + (action === "add" ? 1 : -1)
      this.selected = { part: selected.part === "input" ? "encoder" : selected.part, number: Math.max(0, number), code: false }
    }
    this.held = this.pointed = null
  }

  // ---- drawing --------------------------------------------------------------------------------------

  draw() {
    const { theme, recording } = this.view
    const { ctx, width, height } = prepare(this.canvas)
    const { network, ui } = this
    ui.edit.hidden = !this.settings
    if (!network) {
      this.columns = []
      ui.facts.textContent = ""
      ui.sides.hidden = true
      return
    }
    const side = recording.images?.probe.side ?? 28
    this.columns = layNetwork(network, width, height, side)
    this.drawLinks(ctx, theme, height)
    for (const column of this.columns) this.drawColumn(ctx, theme, column)
    this.drawNames(ctx, theme, width, height)
    this.offerEdits()
    ui.sides.hidden = !this.frame
    for (const [end, side] of [[0, ".below"], [2, ".above"]]) {
      ui.sides.querySelector(side).style.setProperty("--side", `rgb(${theme.signed[end].join(",")})`)
    }
    const looked = this.pointed ?? this.held
    this.ui.facts.textContent = this.about(looked)
    if (looked && looked.cell >= 0 && this.columns[looked.column]?.stage) this.drawUnit(ctx, theme, width, height, looked)
    else this.ui.said.textContent = ""
    this.canvas.dataset.image = String(this.image)
    this.canvas.dataset.live = String(Boolean(this.frame))
  }

  about(looked) {
    const { network } = this
    const column = looked && this.columns[looked.column]
    if (!column) return network.facts
    if (!column.stage) return column.kind === "input" ? network.input : network.output
    return column.stage.tip
  }

  offerEdits() {
    const { place, buttons, ui, edits } = this
    const column = this.columns[place]
    const name = column.stage ? `${column.stage.name} · ${column.stage.size}` : column.kind
    if (ui.selected.textContent !== name) ui.selected.textContent = name
    for (const [action, button] of Object.entries(buttons)) button.disabled = !edits[place]?.[action]
  }

  // Where one layer's numbers go into the next: as high as they are.
  drawLinks(ctx, theme, height) {
    ctx.fillStyle = theme.ink(0.07)
    const shape = ({ kind, top, height: high }) => (kind === "bars" ? [height / 2 - NAMES_HEIGHT / 2 - 10, 24] : [top, high])
    this.columns.slice(1).forEach((to, i) => {
      const from = this.columns[i]
      const [[a, b], [c, d]] = [shape(from), shape(to)]
      const [left, right] = [from.left + from.width + 3, to.left - 3]
      if (right <= left) return
      ctx.beginPath()
      ctx.moveTo(left, a)
      ctx.lineTo(right, c)
      ctx.lineTo(right, c + d)
      ctx.lineTo(left, a + b)
      ctx.fill()
    })
  }

  drawColumn(ctx, theme, column) {
    if (column.kind === "input") return this.drawImage(ctx, theme, column, this.input)
    if (column.kind === "output") return this.drawImage(ctx, theme, column, this.frame?.output)
    const bytes = this.bytes(column)
    if (column.kind === "maps") return this.drawMaps(ctx, theme, column, bytes)
    if (column.kind === "bars") return this.drawBars(ctx, theme, column, bytes)
    return this.drawCells(ctx, theme, column, bytes)
  }

  // What goes into the network that is drawn.
  get input() {
    const { preview, images } = this.view.recording
    return this.frame?.corrupted ?? preview?.corrupted ?? images?.probe
  }

  /**
   * The activations of a stage, or null where there are none.
   *
   * @param {Column} column
   */
  bytes({ stage, first }) {
    const { frame } = this
    if (!frame) return null
    const each = frame.cells.length / this.view.recording.images.shown
    const count = stage.cells.reduce((a, b) => a * b, 1)
    return frame.cells.subarray(this.image * each + first, this.image * each + first + count)
  }

  drawImage(ctx, theme, { left, top, width, height }, images) {
    ctx.imageSmoothingEnabled = false
    if (images) ctx.drawImage(thumbnail(theme, images, Math.min(this.image, images.count - 1)), left, top, width, height)
    else {
      ctx.fillStyle = theme.ink(0.05)
      ctx.fillRect(left, top, width, height)
    }
  }

  drawCells(ctx, theme, column, bytes) {
    const count = column.stage.cells[0]
    const line = column.size > 4 ? 1 : 0
    for (let cell = 0; cell < count; cell++) {
      const [left, top, width, height] = cellBox(column, cell)
      ctx.fillStyle = bytes ? shade(theme, bytes[cell]) : theme.ink(0.08)
      ctx.fillRect(left, top, width - line, height - line)
    }
  }

  drawBars(ctx, theme, column, bytes) {
    const { stage, left, top, width, height, size } = column
    const base = top + (stage.signed ? height / 2 : height)
    const most = stage.signed ? height / 2 : height
    ctx.fillStyle = theme.accent
    for (let cell = 0; bytes && cell < stage.cells[0]; cell++) {
      const long = ((bytes[cell] - ZERO) / FULL) * most
      ctx.fillRect(left + cell * size, base - Math.max(long, 0), size > 3 ? size - 1 : size, Math.max(1, Math.abs(long)))
    }
    ctx.strokeStyle = theme.ink(0.4)
    ctx.lineWidth = 1
    rule(ctx, left - 2, base, left + width + 1, base)
  }

  drawMaps(ctx, theme, column, bytes) {
    const [count, side] = column.stage.cells
    const { maps } = this
    if (maps.width !== side || maps.height !== side * count) [maps.width, maps.height] = [side, side * count]
    const own = maps.getContext("2d")
    const values = bytes ?? new Uint8Array(count * side * side).fill(ZERO)
    const image = own.createImageData(side, side * count)
    const images = new Images(values, [count, 1, side])
    for (let map = 0; map < count; map++) paintSigned(image, theme, 0, map * side, images, map)
    own.putImageData(image, 0, 0)
    ctx.imageSmoothingEnabled = false
    ctx.strokeStyle = theme.ink(0.15)
    ctx.lineWidth = 1
    for (let map = 0; map < count; map++) {
      const [left, top, width, height] = cellBox(column, map)
      ctx.drawImage(maps, 0, map * side, side, side, left, top, width, height)
      ctx.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1)
    }
  }

  drawNames(ctx, theme, width, height) {
    const { place } = this
    ctx.textAlign = "center"
    ctx.textBaseline = "alphabetic"
    this.columns.forEach(({ kind, stage, left, width: wide }, i) => {
      const selected = this.settings && i === place
      const middle = Math.max(18, Math.min(width - 18, left + wide / 2))
      const name = stage ? (stage.code ? "code" : "") : kind
      ctx.font = theme.font(12, stage?.code || selected ? 700 : 400)
      ctx.fillStyle = selected ? theme.accent : theme.ink(stage?.code ? 1 : 0.75)
      const size = stage ? stage.size : ""
      ctx.fillText([name, size].filter(Boolean).join(" "), middle, height - 16)
      if (selected) {
        const long = Math.max(16, ctx.measureText([name, size].filter(Boolean).join(" ")).width)
        ctx.fillRect(middle - long / 2, height - 11, long, 2)
      }
    })
  }

  // A frame around the cell, and beside it what is known of its unit.
  drawUnit(ctx, theme, width, height, { column: place, cell }) {
    const column = this.columns[place]
    const { stage } = column
    const [left, top, wide, high] = cellBox(column, cell)
    ctx.strokeStyle = theme.ink(1)
    ctx.lineWidth = 2
    ctx.strokeRect(left - 1, top - 1, wide + 1, high + 1)
    const unit = stage.shown ? stage.shown[cell] : cell
    const found = this.unitImage(column, unit)
    const lines = this.told(column, cell, unit, found)
    this.ui.said.textContent = lines.join(", ")
    ctx.font = theme.font(12)
    const image = found ? UNIT_IMAGE : 0
    const boxWide = Math.max(image, ...lines.map((line) => ctx.measureText(line).width)) + 12
    const boxHigh = image + lines.length * LINE + 10
    const x = left + wide + 10 + boxWide > width ? Math.max(0, left - 10 - boxWide) : left + wide + 10
    const y = Math.max(0, Math.min(height - boxHigh, top + high / 2 - boxHigh / 2))
    ctx.fillStyle = `rgb(${theme.background.join(",")})`
    ctx.fillRect(x, y, boxWide, boxHigh)
    ctx.strokeStyle = theme.ink(0.4)
    ctx.lineWidth = 1
    ctx.strokeRect(x + 0.5, y + 0.5, boxWide - 1, boxHigh - 1)
    if (found) {
      ctx.imageSmoothingEnabled = false
      ctx.drawImage(signedThumbnail(theme, found.image), x + (boxWide - image) / 2, y + 5, image, image)
    }
    ctx.fillStyle = theme.ink(1)
    ctx.textAlign = "left"
    ctx.textBaseline = "top"
    lines.forEach((line, i) => { ctx.fillText(line, x + 6, y + image + 7 + i * LINE) })
  }

  /**
   * The weights of a unit of the first layer, or what a unit of the code draws; the example has neither.
   *
   * @param {Column} column
   * @param {number} unit
   */
  unitImage({ stage, index }, unit) {
    const { run, newest } = this.view.recording
    if (!this.frame || run.example || !(stage.code || index === 0)) return null
    return this.unitImages.find({ stage: index, unit, image: stage.code ? this.image : 0 }, newest.step)
  }

  /**
   * What is said of the unit of a cell, line by line.
   *
   * @param {Column} column
   * @param {number} cell
   * @param {number} unit
   * @param {UnitImage | null} found
   */
  told(column, cell, unit, found) {
    const { stage, index } = column
    const maps = stage.cells.length > 1
    const lines = [`${maps ? "feature map" : "unit"} ${(unit + 1).toLocaleString("en")} of ${stage.units.toLocaleString("en")}`]
    const bytes = this.bytes(column)
    if (bytes && !maps) lines.push(`activation ${activationText(((bytes[cell] - ZERO) / FULL) * this.frame.scales[index])}`)
    if (found) {
      const what = stage.code ? "effect of + 1 std on the output" : maps ? "its filter" : "its weights"
      lines.push(`${what}, step ${found.step.toLocaleString("en")}`)
    }
    if (stage.shown) lines.push(`${stage.shown.length} of ${stage.units.toLocaleString("en")} are drawn`)
    return lines
  }
}

// The colour of an activation: 0 is the paper that images are drawn on.
function shade({ signed, background, text }, byte) {
  const value = Math.max(-1, (byte - ZERO) / FULL)
  const end = value < 0 ? signed[0] : signed[2]
  const share = Math.sqrt(Math.abs(value))
  const mixed = background.map((ground, k) => {
    const paper = ground + (text[k] - ground) * PAPER
    return Math.round(paper + (end[k] - paper) * share)
  })
  return `rgb(${mixed.join(",")})`
}

function signedThumbnail(theme, images) {
  const canvas = element("canvas")
  canvas.width = canvas.height = images.side
  const ctx = canvas.getContext("2d")
  const image = ctx.createImageData(images.side, images.side)
  paintSigned(image, theme, 0, 0, images, 0)
  ctx.putImageData(image, 0, 0)
  return canvas
}

// Two digits: a byte holds no more. With a true minus.
function activationText(value) {
  if (!value) return "0"
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2)))
  return text.replace("-", "−")
}
