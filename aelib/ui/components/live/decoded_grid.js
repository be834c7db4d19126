// Decoded images behind the map of a code of two numbers, each at its code.

// How little of the ground is seen through them: dots lie above.
const GRID_ALPHA = 0.6

class GridGround {
  constructor() {
    this.canvas = element("canvas")
    this.drawn = null
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Theme} theme
   * @param {DecodedGrid} grid
   * @param {(x: number, y: number) => Point} place of a code on the canvas
   * @param {number} share how much of it is seen, from 0 to 1
   */
  draw(ctx, theme, { images, area, columns }, place, share) {
    const { side, count } = images
    const rows = count / columns
    const key = `${theme.background}/${theme.text}`
    if (this.drawn !== images || this.key !== key) {
      this.drawn = images
      this.key = key
      Object.assign(this.canvas, { width: columns * side, height: rows * side })
      const own = this.canvas.getContext("2d")
      const image = own.createImageData(columns * side, rows * side)
      for (let i = 0; i < count; i++) paintImage(image, theme, (i % columns) * side, Math.floor(i / columns) * side, images, i)
      own.putImageData(image, 0, 0)
    }
    const [left, right, bottom, top] = area
    const [[x1, y1], [x2, y2]] = [place(left, top), place(right, bottom)]
    ctx.save()
    ctx.imageSmoothingEnabled = false
    ctx.globalAlpha = GRID_ALPHA * share
    ctx.drawImage(this.canvas, x1, y1, x2 - x1, y2 - y1)
    ctx.restore()
  }
}
