// Images, masks and differences, painted pixel by pixel in the theme's colours.

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
