// The map of the code: dots where real pictures are, the decoder's pictures behind them, and a point to move about.

const GRID_MS = 8
const REMOTE_GRID = 10

class Pad {
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.root = root
    this.canvas = one("canvas")
    this.about = one(".about")
    this.ui = { plane: one(".plane"), pair: one(".pair"), first: one(".first"), second: one(".second") }
    this.switches = { dots: one(".dots"), tiles: one(".tiles"), fineness: one(".fineness") }
    this.count = one(".count")
    this.grid = new Grid(view)
    this.ground = element("canvas")

    const { plane, first, second } = this.ui
    plane.onchange = () => view.setPlane()
    first.onchange = () => { if (first.value === second.value) second.value = first.dataset.before; view.setPlane() }
    second.onchange = () => { if (first.value === second.value) first.value = second.dataset.before; view.setPlane() }
    for (const control of Object.values(this.switches)) control.oninput = () => this.setGrid()

    const { canvas } = this
    canvas.onpointerdown = (event) => this.press(event)
    canvas.onpointermove = (event) => this.move(event)
    canvas.onpointerup = canvas.onpointercancel = () => { this.dragging = false }
    canvas.onpointerleave = () => { if (!this.dragging) view.preview(null) }
    canvas.onkeydown = (event) => this.key(event)
  }

  // The two units chosen, or null for the principal axes.
  get pair() {
    const { plane, first, second } = this.ui
    return plane.value === "units" ? [Number(first.value), Number(second.value)] : null
  }

  // Offers the units that are most active.
  offer(map) {
    const offered = (map.active.length > 1 ? map.active : [0, 1]).slice(0, 64).sort((a, b) => a - b)
    if (this.offered !== offered.join()) {
      const strongest = map.active.length > 1 ? map.active.slice(0, 2).sort((a, b) => a - b) : [0, 1]
      for (const [select, fallback] of [[this.ui.first, strongest[0]], [this.ui.second, strongest[1]]]) {
        const chosen = this.offered && offered.includes(Number(select.value)) ? select.value : String(fallback)
        select.replaceChildren(...offered.map((unit) => new Option(`unit ${unit + 1}`, String(unit))))
        select.value = chosen
      }
      if (this.ui.first.value === this.ui.second.value) {
        this.ui.second.value = String(offered.find((unit) => String(unit) !== this.ui.first.value))
      }
      // A code of two numbers is its own map.
      if (!this.offered && map.units === 2) {
        this.ui.plane.value = "units"
        this.switches.tiles.checked = true
      }
      this.offered = offered.join()
    }
  }

  planeChanged() {
    const { first, second, pair } = this.ui
    pair.hidden = !this.pair || this.view.map.units === 2
    first.dataset.before = first.value
    second.dataset.before = second.value
    this.setGrid()
  }

  setGrid() {
    const { tiles, fineness } = this.switches
    fineness.hidden = !tiles.checked
    const most = this.view.map && !this.view.map.network ? REMOTE_GRID : 20
    fineness.max = most
    this.count.hidden = !tiles.checked
    say(this.count, `${Math.min(most, Number(fineness.value))} × ${Math.min(most, Number(fineness.value))}`)
    this.grid.make(tiles.checked ? Math.min(most, Number(fineness.value)) : 0)
    this.view.redraw("pad", "grid")
  }

  // ---- moving ---------------------------------------------------------------------------------------

  placeOf(event) {
    const [left, bottom, right, top] = this.view.plane.range
    const { clientWidth: width, clientHeight: height } = this.canvas
    const part = (value, size) => Math.max(0, Math.min(1, value / size))
    const bounds = this.canvas.getBoundingClientRect()
    const [x, y] = [part(event.clientX - bounds.left, width), part(event.clientY - bounds.top, height)]
    return [left + x * (right - left), top - y * (top - bottom)]
  }

  press(event) {
    if (!this.view.plane) return
    this.canvas.focus({ preventScroll: true })
    if (this.view.panels.blend.armed !== null) {
      const index = this.dotAt(event)
      if (index >= 0) this.view.panels.blend.choose(index)
      return
    }
    this.canvas.setPointerCapture(event.pointerId)
    this.dragging = true
    this.view.pin({ place: this.placeOf(event) })
  }

  move(event) {
    if (!this.view.plane) return
    if (this.dragging) this.view.pin({ place: this.placeOf(event) })
    else if (event.pointerType !== "touch") this.view.preview(this.placeOf(event))
  }

  dotAt(event) {
    const bounds = this.canvas.getBoundingClientRect()
    return nearestPoint(this.placed, [event.clientX - bounds.left, event.clientY - bounds.top], Infinity)
  }

  key(event) {
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }
    const { plane, map } = this.view
    if (!plane || !(event.key in directions || event.key === "Home")) return
    event.preventDefault()
    const [left, bottom, right, top] = plane.range
    const [x, y] = plane.place(this.view.pinnedCode)
    const [dx, dy] = directions[event.key] ?? [0, 0]
    const step = event.shiftKey ? 0.1 : 0.02
    const within = (value, low, high) => Math.max(low, Math.min(high, value))
    const place = [within(x + dx * step * (right - left), left, right), within(y + dy * step * (top - bottom), bottom, top)]
    this.view.pin({ place: event.key === "Home" ? plane.place(map.mean) : place })
  }

  // ---- drawing --------------------------------------------------------------------------------------

  draw() {
    const { view, canvas } = this
    const { ctx, width, height } = prepare(canvas)
    const { theme, plane, map } = view
    if (!plane) {
      hint(ctx, theme, width, height, "Computing codes …")
      return
    }
    this.aboutText(map, plane)
    const [left, bottom, right, top] = plane.range
    /** @type {(at: Point) => Point} */
    const toCanvas = ([x, y]) => [((x - left) / (right - left)) * width, ((top - y) / (top - bottom)) * height]
    const key = [plane.number, width, height, this.grid.version, this.switches.dots.checked, theme.background, devicePixelRatio].join("/")
    if (this.drawnGround !== key) {
      this.drawnGround = key
      this.drawGround(canvas, theme, plane, width, height, toCanvas)
    }
    ctx.drawImage(this.ground, 0, 0, width, height)
    this.drawWay(ctx, theme, toCanvas)
    /** @type {(at: Point) => Point} */
    const clamp = ([x, y]) => [Math.max(4, Math.min(width - 4, x)), Math.max(4, Math.min(height - 4, y))]
    marker(ctx, theme, clamp(toCanvas(plane.place(view.pinnedCode))), 8, theme.accent)
    if (view.previewed) marker(ctx, theme, toCanvas(view.previewed), 5, theme.ink(1))
    canvas.dataset.place = plane.place(view.shownCode).map((v) => v.toFixed(4)).join(" ")
  }

  // What does not follow the pointer is drawn once.
  drawGround(canvas, theme, plane, width, height, toCanvas) {
    const { ground, grid, switches, view } = this
    ground.width = canvas.width
    ground.height = canvas.height
    const ctx = ground.getContext("2d")
    const ratio = canvas.width / width
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    grid.drawOn(ctx, width, height, ratio)
    this.placed = new Float32Array(plane.points.length)
    for (let i = 0; i < plane.points.length; i += 2) this.placed.set(toCanvas([plane.points[i], plane.points[i + 1]]), i)
    const { labels, classes } = view.scene
    const groups = Array.from(classes, () => [])
    for (let i = 0; i < this.placed.length / 2; i++) groups[labels[i]]?.push(i)
    if (switches.dots.checked) {
      groups.forEach((members, label) => {
        const stamp = dotStamp(theme.classes[label % theme.classes.length], width < 420 ? 2.4 : 3, grid.n ? 0.9 : 0.75)
        for (const i of members) stamp(ctx, this.placed[2 * i], this.placed[2 * i + 1])
      })
      if (classes.length > 1) nameGroups(ctx, theme, { width, height }, classes, groups, this.placed)
    }
    ctx.font = theme.font(12)
    Object.assign(ctx, { textAlign: "left", textBaseline: "top" })
    const write = (text, x, y) => {
      const wide = ctx.measureText(text).width
      const left = Math.min(x, width - wide - 6)
      ctx.fillStyle = `rgb(${theme.background.join(",")})`
      ctx.fillRect(left - 4, y - 3, wide + 8, 19)
      ctx.fillStyle = theme.ink(0.8)
      ctx.fillText(text, left, y)
    }
    write(`${plane.names[0]} →`, width, height - 18)
    write(`↑ ${plane.names[1]}`, 6, 5)
  }

  /**
   * The way of the interpolation, and the step of it that is seen below.
   *
   * @param {CanvasRenderingContext2D} ctx
   * @param {Theme} theme
   * @param {(at: Point) => Point} toCanvas
   */
  drawWay(ctx, theme, toCanvas) {
    const { plane, panels } = this.view
    const ends = panels.blend.codes()
    if (!ends) return
    const [from, to] = [toCanvas(plane.place(ends[0])), toCanvas(plane.place(ends[1]))]
    ctx.strokeStyle = theme.ink(0.75)
    ctx.lineWidth = 1.5
    ctx.setLineDash([5, 4])
    rule(ctx, ...from, ...to)
    ctx.setLineDash([])
    const t = panels.blend.part
    marker(ctx, theme, [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t], 3, theme.ink(0.9))
  }

  aboutText(map, plane) {
    const long = map.units.toLocaleString("en")
    const count = map.count.toLocaleString("en")
    const what = plane.pair
      ? map.units === 2 ? "both units of the code" : `2 of ${long} units`
      : map.units === 2 ? "the code rotated to its principal components"
      : `2 principal components of the ${long}-D code: ${(100 * map.share).toFixed(0)} % of its variance`
    const who = map.network ? "decoded in your browser" : "decoded on the server (large decoder)"
    const when = `step ${map.step.toLocaleString("en")}${this.view.resting ? ", updated when training pauses" : ""}`
    const end = this.view.panels.blend.armed
    const text = end !== null ? `Click a dot to set the ${["start", "end"][end]} image of the interpolation below.` : `${count} test images · ${what} · ${who} · ${when}`
    if (this.about.textContent !== text) this.about.textContent = text
  }
}

function marker(ctx, theme, [x, y], radius, colour) {
  for (const [width, style] of [[5, `rgb(${theme.background.join(",")})`], [2.5, colour]]) {
    ctx.lineWidth = width
    ctx.strokeStyle = style
    ctx.beginPath()
    ctx.arc(x, y, radius, 0, 7)
    ctx.stroke()
  }
}
