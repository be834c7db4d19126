// Clouds of dots, the names of their groups, and the image of one.

// Each kind of dot, drawn once.
const stamps = new Map()

/**
 * Draws dots of one kind. A dot is drawn once and stamped: a thousand arcs a frame would keep a small machine busy.
 *
 * @param {string} colour
 * @param {number} radius in CSS pixels
 * @param {number} alpha how little is seen through it, from 0 to 1
 * @returns {(ctx: CanvasRenderingContext2D, x: number, y: number) => void}
 */
function dotStamp(colour, radius, alpha = 0.8) {
  const ratio = devicePixelRatio || 1
  const name = `${colour}/${radius}/${alpha}/${ratio}`
  if (!stamps.has(name)) {
    const dot = element("canvas")
    dot.width = dot.height = Math.ceil(2 * (radius + 1) * ratio)
    const ctx = dot.getContext("2d")
    ctx.globalAlpha = alpha
    ctx.fillStyle = colour
    ctx.arc(dot.width / 2, dot.height / 2, radius * ratio, 0, 7)
    ctx.fill()
    stamps.set(name, dot)
  }
  const dot = stamps.get(name)
  const half = dot.width / ratio / 2
  return (ctx, x, y) => ctx.drawImage(dot, x - half, y - half, 2 * half, 2 * half)
}

/**
 * Writes a group's name where the middle of its dots is, or as near as there is room, with a line to where it belongs.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {Theme} theme
 * @param {{ width: number, height: number }} size of the canvas
 * @param {string[]} names
 * @param {number[][]} groups the indices of each one's dots
 * @param {ArrayLike<number>} placed x, y of all dots
 */
function nameGroups(ctx, theme, { width, height }, names, groups, placed) {
  ctx.textAlign = "center"
  ctx.textBaseline = "middle"
  ctx.lineJoin = "round"
  ctx.font = theme.font(15, 700)
  /** @type {(Box & { text: string, at: Point })[]} */
  const labels = []
  groups.forEach((members, group) => {
    if (!members.length) return
    /** @type {(k: number) => number} */
    const middle = (k) => median(members.map((i) => placed[2 * i + k]))
    /** @type {Point} */
    const at = [middle(0), middle(1)]
    labels.push({ text: names[group], at, half: [ctx.measureText(names[group]).width / 2 + 2, 9], middle: [...at] })
  })
  spread(labels, width, height)
  ctx.strokeStyle = theme.ink(0.6)
  ctx.lineWidth = 1
  for (const { at, middle, half } of labels) {
    if (Math.abs(at[0] - middle[0]) > half[0] || Math.abs(at[1] - middle[1]) > half[1]) rule(ctx, ...at, ...middle)
  }
  ctx.lineWidth = 4
  ctx.strokeStyle = `rgb(${theme.background.join(",")})`
  ctx.fillStyle = theme.ink(1)
  for (const { text, middle } of labels) {
    ctx.strokeText(text, ...middle)
    ctx.fillText(text, ...middle)
  }
}

/**
 * A box around its middle: half as wide and half as high as these.
 *
 * @typedef {{ middle: Point, half: Point }} Box
 */

/**
 * Pushes boxes apart that lie on each other, each way by as little as will do, and keeps them on the canvas.
 *
 * @param {Box[]} boxes
 * @param {number} width
 * @param {number} height
 */
function spread(boxes, width, height) {
  for (let round = 0; round < 60; round++) {
    let moved = false
    boxes.forEach((a, i) => {
      for (const b of boxes.slice(i + 1)) {
        const between = [0, 1].map((k) => b.middle[k] - a.middle[k])
        const overlap = [0, 1].map((k) => a.half[k] + b.half[k] - Math.abs(between[k]))
        if (overlap[0] <= 0 || overlap[1] <= 0) continue
        const k = overlap[0] < overlap[1] ? 0 : 1
        const push = (overlap[k] / 2 + 0.01) * (between[k] < 0 ? -1 : 1)
        a.middle[k] -= push
        b.middle[k] += push
        moved = true
      }
      a.middle[0] = Math.max(a.half[0], Math.min(width - a.half[0], a.middle[0]))
      a.middle[1] = Math.max(a.half[1], Math.min(height - a.half[1], a.middle[1]))
    })
    if (!moved) return
  }
}

/**
 * The index of the dot nearest the pointer, or -1 where none is near.
 *
 * @param {ArrayLike<number>} placed x, y of all dots
 * @param {number[]} pointer
 * @param {number} reach in CSS pixels
 */
function nearestPoint(placed, pointer, reach = 18) {
  let [best, distance] = [-1, reach ** 2]
  for (let i = 0; i < placed.length / 2; i++) {
    const d = (placed[2 * i] - pointer[0]) ** 2 + (placed[2 * i + 1] - pointer[1]) ** 2
    if (d < distance) [best, distance] = [i, d]
  }
  return best
}

/**
 * A ring around a dot, and its image beside it.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {Theme} theme
 * @param {{ at: Point, width: number, height: number, images: Images, index: number, colour: string, name: string }} dot
 *   where it is, on a canvas of which size, and what it is of
 */
function showThumbnail(ctx, theme, { at: [x, y], width, height, images, index, colour, name }) {
  const size = 3 * images.side
  const left = x + 14 + size + 8 > width ? x - 14 - size : x + 14
  const top = Math.max(4, Math.min(height - size - 26, y - size / 2))
  ctx.strokeStyle = theme.ink(1)
  ctx.lineWidth = 2
  ctx.beginPath()
  ctx.arc(x, y, 6, 0, 7)
  ctx.stroke()
  ctx.imageSmoothingEnabled = false
  ctx.fillStyle = `rgb(${theme.background.join(",")})`
  ctx.fillRect(left - 1, top - 1, size + 2, size + 22)
  ctx.drawImage(thumbnail(theme, images, index), left, top, size, size)
  ctx.strokeStyle = colour
  ctx.strokeRect(left - 1, top - 1, size + 2, size + 22)
  ctx.fillStyle = theme.ink(1)
  ctx.font = theme.font(13, 600)
  ctx.textAlign = "center"
  ctx.textBaseline = "middle"
  ctx.fillText(name, left + size / 2, top + size + 10, size - 6)
}
