// What the decoder draws all over the map, n × n pictures; some at a time, so that the page stays alive.

class Grid {
  constructor(view) {
    this.view = view
    this.canvas = element("canvas")
    this.n = this.side = this.left = this.next = this.version = 0
  }

  // Starts over with n pictures a row; what is there stays until it is drawn anew.
  make(n) {
    const { side } = this.view
    if (n !== this.n || side !== this.side) {
      this.n = n
      this.side = side
      this.canvas.width = this.canvas.height = Math.max(1, n * side)
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
      view.decode("grid", view.plane.code(this.middle(this.next)), 1, (images) => this.put(this.next, images, 0))
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
    view.decode("grid", codes, n * n, (images) => {
      if (n !== this.n) return
      for (let cell = 0; cell < n * n; cell++) this.put(cell, images, cell)
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

  put(cell, images, index) {
    const [x, y] = [(cell % this.n) * this.side, Math.floor(cell / this.n) * this.side]
    this.canvas.getContext("2d").putImageData(this.view.image(images, index), x, y)
  }

  // Each picture enlarged by a whole number of screen pixels where there is room, in the middle of its cell.
  drawOn(ctx, width, height, ratio) {
    const { n, side, canvas } = this
    if (!n) return
    const [wide, high] = [width / n, height / n]
    const scale = Math.floor((Math.min(wide, high) * ratio) / side)
    const size = scale ? (side * scale) / ratio : Math.min(wide, high)
    ctx.imageSmoothingEnabled = !scale
    for (let cell = 0; cell < n * n; cell++) {
      const [column, row] = [cell % n, Math.floor(cell / n)]
      const snap = (value) => Math.round(value * ratio) / ratio
      const [x, y] = [snap(column * wide + (wide - size) / 2), snap(row * high + (high - size) / 2)]
      ctx.drawImage(canvas, column * side, row * side, side, side, x, y, size, size)
    }
  }
}
