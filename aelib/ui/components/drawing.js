// What every component draws with. `aelib/ui/components/component.py` puts this, and PALETTE, before a component's own script.

const calm = matchMedia("(prefers-reduced-motion: reduce)")

/**
 * The default export of a component that is an object: made once a mount, told of every update, closed at the end.
 *
 * @template {{ close(): void }} View
 * @param {(root: ParentNode) => View} make
 * @param {(view: View, component: StreamlitComponent) => void} update
 * @returns {(component: StreamlitComponent) => () => void}
 */
function mounting(make, update) {
  const views = new WeakMap()
  return (component) => {
    const root = component.parentElement
    if (!views.has(root)) views.set(root, make(root))
    const view = views.get(root)
    update(view, component)
    return () => {
      view.close()
      views.delete(root)
    }
  }
}

/**
 * The block of bytes that packing.py made: its header, and functions from a place in it to the array or the images, and
 * from places by name to arrays by name.
 *
 * @param {Uint8Array} block
 * @returns {Unpacked}
 */
function unpack(block) {
  const bytes = block.slice()
  const length = new DataView(bytes.buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const types = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array }
  /** @type {Unpacked["array"]} */
  const array = ([offset, type, shape]) =>
    new types[type](bytes.buffer, 4 + length + offset, shape.reduce((a, b) => a * b, 1))
  /** @type {Unpacked["arrays"]} */
  const arrays = (places) => Object.fromEntries(Object.entries(places).map(([name, place]) => [name, array(place)]))
  /** @type {Unpacked["images"]} */
  const images = (place) => new Images(array(place), place[2])
  return { header, array, arrays, images }
}

/**
 * The colours around `host`: numbers for background and text, and the palette for this ground.
 *
 * @param {Element} host
 * @returns {Theme}
 */
function readTheme(host) {
  const style = getComputedStyle(host)
  /** @type {(name: string, fallback: string) => string} */
  const value = (name, fallback) => style.getPropertyValue(name).trim() || fallback
  const background = rgb(value("--st-background-color", "#ffffff"))
  const text = rgb(value("--st-text-color", "#222222"))
  const tone = background[0] * 0.3 + background[1] * 0.6 + background[2] * 0.1 < 128 ? "dark" : "light"
  return {
    tone,
    background,
    text,
    font: value("--st-font", "sans-serif"),
    accent: value("--st-primary-color", "#4f46c8"),
    classes: PALETTE.classes[tone],
    series: PALETTE.series[tone],
    groups: PALETTE.groups[tone],
    signed: PALETTE.signed[tone].map(rgb),
    ramp: PALETTE.ramp[tone].map(rgb),
    mask: PALETTE.mask[tone].map(rgb),
    ink: (alpha) => `rgba(${text.join(",")},${alpha})`,
  }
}

// ---- images -----------------------------------------------------------------------------------------

// How much of the text's colour is in the paper that images are drawn on.
const PAPER = 0.05
// The lightness of a class's hue (datasets/hues.py), as a grey: what is as light is all ink and no paper.
const HUE_LIGHTNESS = 0.6
// Pixels from one stripe of a mask's hatching to the next, and of the square that shows it in a legend.
const HATCH = 4
const MASK_KEY = 14

// Images of one size, one after the other: a byte a pixel, plane after plane, strokes bright.
class Images {
  /**
   * @param {Uint8Array | Uint8ClampedArray} pixels
   * @param {number[]} shape [count, planes, side, side]
   */
  constructor(pixels, [count, planes, side]) {
    this.pixels = pixels
    this.count = count
    this.planes = planes
    this.side = side
  }

  /**
   * The bytes of one image.
   *
   * @param {number} index
   */
  one(index) {
    const size = this.planes * this.side ** 2
    return this.pixels.subarray(index * size, (index + 1) * size)
  }
}

/**
 * Draws one of the images. Bright strokes become ink on the theme's ground, so that both themes show the same image;
 * where they are coloured, in three planes, the black around them becomes the theme's paper.
 *
 * @param {ImageData} canvas
 * @param {Theme} theme
 * @param {number} left
 * @param {number} top
 * @param {Images} images
 * @param {number} index
 */
function paintImage(canvas, theme, left, top, images, index) {
  const { background, text } = theme
  const { side, planes } = images
  const pixels = images.one(index)
  const paper = background.map((ground, k) => ground + (text[k] - ground) * PAPER)
  if (planes === 1) {
    paintPixels(canvas, left, top, side, (i, k) => paper[k] + ((text[k] - paper[k]) * pixels[i]) / 255)
    return
  }
  /** @type {(channel: number, pixel: number) => number} */
  const plane = (k, i) => pixels[k * side * side + i]
  paintPixels(canvas, left, top, side, (i, k) => {
    const light = 0.2126 * plane(0, i) + 0.7152 * plane(1, i) + 0.0722 * plane(2, i)
    const ink = Math.min(1, light / 255 / HUE_LIGHTNESS)
    return Math.min(255, paper[k] * (1 - ink) + plane(k, i))
  })
}

/**
 * Draws paper in the place of an image.
 *
 * @param {ImageData} canvas
 * @param {Theme} theme
 * @param {number} left
 * @param {number} top
 * @param {number} side
 */
function paintPaper(canvas, theme, left, top, side) {
  paintImage(canvas, theme, left, top, new Images(new Uint8Array(side * side), [1, 1, side]), 0)
}

/**
 * Draws differences, one byte a pixel: 0 is -1, 128 is none, 255 is 1.
 *
 * @param {ImageData} canvas
 * @param {Theme} theme
 * @param {number} left
 * @param {number} top
 * @param {Images} images
 * @param {number} index
 */
function paintSigned(canvas, theme, left, top, images, index) {
  const [below, none, above] = theme.signed
  const pixels = images.one(index)
  paintPixels(canvas, left, top, images.side, (i, k) => {
    const value = Math.max(-1, (pixels[i] - 128) / 127)
    const end = value < 0 ? below : above
    return none[k] + (end[k] - none[k]) * Math.sqrt(Math.abs(value))
  })
}

/**
 * Tints removed pixels, one byte each, and hatches where they lie together: they are neither stroke nor ground in any
 * theme.
 *
 * @param {ImageData} canvas
 * @param {Theme} theme
 * @param {number} left
 * @param {number} top
 * @param {Images} masks
 * @param {number} index
 */
function paintMask(canvas, theme, left, top, masks, index) {
  const { side } = masks
  const mask = masks.one(index)
  /** @type {(x: number, y: number) => boolean} */
  const removed = (x, y) => Math.min(x, y) >= 0 && Math.max(x, y) < side && mask[y * side + x] > 0
  const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dx, dy]))
  // The middle of nine removed pixels; a stripe on single ones would look like a pattern of the image.
  /** @type {(x: number, y: number) => boolean} */
  const inside = (x, y) => around.every(([dx, dy]) => removed(x + dx, y + dy))
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, (i / side) | 0]
    if (!removed(x, y)) continue
    const striped = (x + y) % HATCH === 0 && around.some(([dx, dy]) => inside(x + dx, y + dy))
    canvas.data.set(theme.mask[striped ? 1 : 0], 4 * ((top + y) * canvas.width + left + x))
  }
}

/**
 * @param {ImageData} canvas
 * @param {number} left
 * @param {number} top
 * @param {number} side
 * @param {(pixel: number, channel: number) => number} value
 */
function paintPixels(canvas, left, top, side, value) {
  for (let i = 0; i < side * side; i++) {
    const at = 4 * ((top + ((i / side) | 0)) * canvas.width + left + (i % side))
    for (let k = 0; k < 3; k++) canvas.data[at + k] = value(i, k)
    canvas.data[at + 3] = 255
  }
}

/**
 * A canvas of one image, to be enlarged without smoothing.
 *
 * @param {Theme} theme
 * @param {Images} images
 * @param {number} index
 */
function thumbnail(theme, images, index) {
  const canvas = element("canvas")
  canvas.width = canvas.height = images.side
  const ctx = canvas.getContext("2d")
  const image = ctx.createImageData(images.side, images.side)
  paintImage(image, theme, 0, 0, images, index)
  ctx.putImageData(image, 0, 0)
  return canvas
}

/**
 * A mask's hatching on the small square of a legend.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Theme} theme
 */
function paintMaskKey(canvas, theme) {
  canvas.width = canvas.height = MASK_KEY
  const ctx = canvas.getContext("2d")
  // A mask that goes on beyond the edges of the square.
  const side = 2 * MASK_KEY
  const image = ctx.createImageData(side, side)
  image.data.fill(255)
  paintMask(image, theme, 0, 0, new Images(new Uint8Array(side * side).fill(1), [1, 1, side]), 0)
  ctx.putImageData(image, 0, 0)
}

// ---- dots -------------------------------------------------------------------------------------------

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
 * The ends of every `stride`th value from `first` on, with a margin; NaN counts for nothing.
 *
 * @param {ArrayLike<number>} values
 * @param {number} first
 * @param {number} stride
 * @returns {[low: number, high: number]}
 */
function axisRange(values, first, stride) {
  let [low, high] = [Infinity, -Infinity]
  for (let i = first; i < values.length; i += stride) {
    if (values[i] < low) low = values[i]
    if (values[i] > high) high = values[i]
  }
  if (low > high) return [-1e-3, 1e-3]
  const margin = (high - low) * 0.04 || 1e-3
  return [low - margin, high + margin]
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
  ctx.font = `700 15px ${theme.font}`
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
  ctx.font = `600 13px ${theme.font}`
  ctx.textAlign = "center"
  ctx.textBaseline = "middle"
  ctx.fillText(name, left + size / 2, top + size + 10, size - 6)
}

// ---- canvas -----------------------------------------------------------------------------------------

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name of its class
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, name = "") {
  return Object.assign(document.createElement(tag), { className: name })
}

/**
 * A button that plays something, or ends that: few fonts have the sign for the latter, so it is drawn by drawing.css.
 *
 * @param {HTMLElement} button
 * @param {unknown} playing
 */
function showPlaying(button, playing) {
  button.textContent = playing ? "" : "▶"
  button.classList.toggle("playing", Boolean(playing))
}

/**
 * A canvas as sharp as the screen, in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 */
function prepare(canvas) {
  const ratio = devicePixelRatio || 1
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h]
  const ctx = canvas.getContext("2d")
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.clearRect(0, 0, width, height)
  return { ctx, width, height }
}

/**
 * One line in the middle of an empty canvas.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {Theme} theme
 * @param {number} width
 * @param {number} height
 * @param {string} text
 */
function hint(ctx, theme, width, height, text) {
  ctx.fillStyle = theme.ink(0.55)
  ctx.textAlign = "center"
  ctx.textBaseline = "middle"
  ctx.font = `14px ${theme.font}`
  ctx.fillText(text, width / 2, height / 2, width - 20)
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function rule(ctx, x1, y1, x2, y2) {
  ctx.beginPath()
  ctx.moveTo(x1, y1)
  ctx.lineTo(x2, y2)
  ctx.stroke()
}

/**
 * A line through the points, or a dot where there is one.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {number[][]} points each x, y
 * @param {string} colour
 * @param {number} width
 */
function stroke(ctx, points, colour, width) {
  ctx.strokeStyle = ctx.fillStyle = colour
  ctx.lineWidth = width
  ctx.lineJoin = "round"
  ctx.beginPath()
  for (const [x, y] of points) ctx.lineTo(x, y)
  if (points.length > 1) ctx.stroke()
  else if (points.length) {
    ctx.arc(points[0][0] + width, points[0][1], width * 1.5, 0, 7)
    ctx.fill()
  }
}

/** @param {number[]} values, which are sorted */
function median(values) {
  const sorted = values.sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

/**
 * The index of the number nearest a value.
 *
 * @param {number[]} sorted
 * @param {number} value
 */
function nearest(sorted, value) {
  let best = 0
  sorted.forEach((v, i) => { if (Math.abs(v - value) < Math.abs(sorted[best] - value)) best = i })
  return best
}

/**
 * @param {string} colour as CSS writes it
 * @returns {[red: number, green: number, blue: number]}
 */
function rgb(colour) {
  const probe = element("canvas").getContext("2d")
  probe.fillStyle = colour
  const text = probe.fillStyle
  const [red, green, blue] = text.startsWith("#")
    ? [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16))
    : text.match(/[\d.]+/g).map(Number)
  return [red, green, blue]
}
