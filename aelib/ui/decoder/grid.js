// What the decoder draws all over the map, n × n pictures; some at a time, so that the page stays alive.

class Grid {
  constructor(view) {
    this.view = view
    this.canvas = element("canvas")
    this.n = this.left = this.next = this.version = 0
  }

  // Starts over with n pictures a row; what is there stays until it is drawn anew.
  make(n) {
    if (n !== this.n) {
      this.n = n
      this.canvas.width = this.canvas.height = Math.max(1, n * SIDE)
      this.next = 0
    }
    this.left = n * n
    this.version++
  }

  draw() {
    const { view } = this
    if (!this.left || !view.plane) return
    if (!view.map.network) {
      this.left = 0
      this.drawRemotely()
      return
    }
    const until = performance.now() + GRID_MS
    do {
      view.pictures("grid", view.plane.code(this.middle(this.next)), 1, (pixels) => this.put(this.next, pixels, 0))
      this.next = (this.next + 1) % (this.n * this.n)
      this.left--
    } while (this.left && performance.now() < until)
    this.version++
    view.redraw("pad", ...(this.left ? ["grid"] : []))
  }

  drawRemotely() {
    const { view, n } = this
    const codes = new Float32Array(n * n * view.map.units)
    for (let cell = 0; cell < n * n; cell++) codes.set(view.plane.code(this.middle(cell)), cell * view.map.units)
    view.pictures("grid", codes, n * n, (pixels) => {
      if (n !== this.n) return
      for (let cell = 0; cell < n * n; cell++) this.put(cell, pixels, cell)
      this.version++
      view.redraw("pad")
    })
  }

  // The place on the map in the middle of a cell; cells are counted from the top left.
  middle(cell) {
    const [left, bottom, right, top] = this.view.plane.range
    const [x, y] = [((cell % this.n) + 0.5) / this.n, (Math.floor(cell / this.n) + 0.5) / this.n]
    return [left + x * (right - left), top - y * (top - bottom)]
  }

  put(cell, pixels, index) {
    const [x, y] = [(cell % this.n) * SIDE, Math.floor(cell / this.n) * SIDE]
    this.canvas.getContext("2d").putImageData(this.view.image(pixels, index), x, y)
  }

  // Each picture enlarged by a whole number of screen pixels where there is room, in the middle of its cell.
  drawOn(ctx, width, height, ratio) {
    const { n, canvas } = this
    if (!n) return
    const [wide, high] = [width / n, height / n]
    const scale = Math.floor((Math.min(wide, high) * ratio) / SIDE)
    const size = scale ? (SIDE * scale) / ratio : Math.min(wide, high)
    ctx.imageSmoothingEnabled = !scale
    for (let cell = 0; cell < n * n; cell++) {
      const [column, row] = [cell % n, Math.floor(cell / n)]
      const snap = (value) => Math.round(value * ratio) / ratio
      const [x, y] = [snap(column * wide + (wide - size) / 2), snap(row * high + (high - size) / 2)]
      ctx.drawImage(canvas, column * SIDE, row * SIDE, SIDE, SIDE, x, y, size, size)
    }
  }
}
