// One map: a cloud of points in two or three dimensions, drawn on a canvas, picked from by pointer and keyboard.
// `board` is what all maps share: colours, the selection, and the point that is being looked at.

const GLIDE_MS = 260
const FRAME_MS = 28
const CLICK = 5
const UNLIT = 0.13
const LEVELS = 5

class Cloud {
  constructor(board, name) {
    this.board = board
    this.name = name
    this.section = element("section", "panel map")
    this.section.dataset.map = name
    const header = element("header")
    this.title = element("h3")
    this.about = element("span", "about")
    this.upright = Object.assign(element("button", "upright"), { type: "button", textContent: "↺", title: "Reset view", hidden: true })
    header.append(this.title, this.about, this.upright)
    this.bar = element("div", "bar")
    this.bar.setAttribute("role", "progressbar")
    this.bar.setAttribute("aria-label", "Progress of this map")
    this.fill = element("div", "fill")
    this.bar.append(this.fill)
    this.canvas = element("canvas")
    this.canvas.tabIndex = 0
    this.canvas.setAttribute("role", "application")
    this.values = element("div", "values")
    this.note = element("p", "note")
    this.section.append(header, this.bar, this.canvas, this.values, this.note)
    this.points = this.glide = this.placed = this.depth = this.gesture = null
    this.level()
    this.upright.onclick = () => { this.level(); board.redraw(this) }
    this.canvas.onpointerdown = (event) => this.press(event)
    this.canvas.onpointermove = (event) => this.move(event)
    this.canvas.onpointerup = (event) => this.release(event)
    this.canvas.onpointercancel = () => { this.gesture = null; board.redraw(this) }
    this.canvas.onpointerleave = () => { if (!this.gesture) board.lookAt(-1) }
    this.canvas.onkeydown = (event) => this.key(event)
    this.canvas.onblur = () => board.lookAt(-1)
  }

  level() {
    this.yaw = 0.6
    this.pitch = 0.35
  }

  // ---- what Python says -------------------------------------------------------------------------------

  tell(panel) {
    const say = (where, text) => { if (where.textContent !== text) where.textContent = text }
    say(this.title, panel.title)
    this.title.title = panel.title
    say(this.about, panel.about)
    this.about.title = panel.about
    say(this.note, panel.note)
    this.hint = panel.hint
    this.own = panel.own
    this.ownNote = panel.ownNote
    this.column = panel.column || this.name
    this.canvas.setAttribute("aria-label", `${panel.title}. Arrow keys go from point to point, Enter selects, Escape clears.`)
    this.bar.classList.toggle("on", panel.progress !== null)
    this.fill.style.width = `${100 * (panel.progress ?? 0)}%`
    this.bar.setAttribute("aria-valuenow", String(Math.round(100 * (panel.progress ?? 0))))
    const values = JSON.stringify(panel.values)
    if (values !== this.told) {
      this.told = values
      this.values.replaceChildren(...panel.values.map(({ label, value, help }) => {
        const box = element("div", "value")
        box.tabIndex = 0
        box.dataset.help = help
        box.append(Object.assign(element("span"), { textContent: label }), Object.assign(element("b"), { textContent: value }))
        return box
      }))
    }
  }

  // `points` [count, dims] or null; the same array is no news.
  show(points, dims, id) {
    if (points === this.points) return
    if (!points || this.dims !== dims || this.points?.length !== points.length) this.glide = null
    this.points = points
    this.dims = dims
    this.id = id
    this.ranged = points && { points, range: rangeOf(points, dims) }
    this.upright.hidden = dims !== 3
  }

  // ---- drawing ----------------------------------------------------------------------------------------

  draw() {
    const { board } = this
    const { theme, lit } = board
    const { ctx, width, height } = prepare(this.canvas)
    const { dataset } = this.canvas
    const count = this.points ? this.points.length / this.dims : 0
    Object.assign(dataset, { points: count, lit: this.points ? lit.size : 0, of: this.points ? this.id : "" })
    this.canvas.classList.toggle("turning", this.dims === 3 && !board.lassoing)
    if (!count || count !== board.count) {
      this.placed = null
      hint(ctx, theme, width, height, this.hint)
      return
    }
    this.project(this.gliding(), width, height)
    const radius = (width < 330 ? 2.2 : 2.7) * (count > 2500 ? 0.75 : 1)
    if (this.dims === 3) this.drawByDepth(ctx, radius)
    else this.drawByGroup(ctx, radius)
    if (board.named) nameGroups(ctx, theme, { width, height }, board.classes, board.byClass, this.placed)
    this.drawOwn(ctx, width, height)
    this.drawLoop(ctx)
    this.drawLooked(ctx, width, height)
  }

  drawByGroup(ctx, radius) {
    const { groups, lit } = this.board
    const at = this.placed
    for (const { colour, members } of groups) {
      const stamp = dotStamp(colour, radius, lit.size ? UNLIT : 0.8)
      for (const i of members) if (!lit.has(i)) stamp(ctx, at[2 * i], at[2 * i + 1])
    }
    if (!lit.size) return
    for (const { colour, members } of groups) {
      const stamp = dotStamp(colour, radius + 0.9, 0.95)
      for (const i of members) if (lit.has(i)) stamp(ctx, at[2 * i], at[2 * i + 1])
    }
  }

  // What is behind is drawn first, smaller and fainter.
  drawByDepth(ctx, radius) {
    const { groups, groupOf, lit } = this.board
    const { placed: at, depth } = this
    const size = (level) => radius * (0.7 + (0.75 * level) / (LEVELS - 1))
    const stamps = groups.map(({ colour }) => Array.from({ length: LEVELS }, (_, level) => [
      dotStamp(colour, size(level), lit.size ? UNLIT : 0.45 + 0.1 * level),
      dotStamp(colour, size(level) + 0.9, 0.95),
    ]))
    const order = Uint32Array.from(depth.keys()).sort((a, b) => depth[a] - depth[b])
    for (const bright of lit.size ? [0, 1] : [0]) {
      for (const i of order) {
        if (lit.has(i) !== Boolean(bright)) continue
        const level = Math.max(0, Math.min(LEVELS - 1, Math.floor(((depth[i] + 1) / 2) * LEVELS)))
        stamps[groupOf[i]][level][bright](ctx, at[2 * i], at[2 * i + 1])
      }
    }
  }

  drawOwn(ctx, width, height) {
    if (!this.own) return
    const { theme } = this.board
    const [x, y] = this.spot(this.own, width, height)
    ctx.beginPath()
    for (const [dx, dy] of [[0, -9], [9, 0], [0, 9], [-9, 0]]) ctx.lineTo(x + dx, y + dy)
    ctx.closePath()
    ctx.fillStyle = theme.accent
    ctx.fill()
    ctx.lineWidth = 2.5
    ctx.strokeStyle = theme.ink(1)
    ctx.stroke()
    ctx.font = theme.font(12, 600)
    ctx.textAlign = x > width / 2 ? "right" : "left"
    ctx.textBaseline = "middle"
    ctx.lineWidth = 4
    ctx.strokeStyle = `rgb(${theme.background.join(",")})`
    const beside = x + (x > width / 2 ? -14 : 14)
    const [trueX, trueY] = this.lens(this.own)
    const note = trueX === x && trueY === y ? this.ownNote : `${this.ownNote} (outside the plot)`
    ctx.strokeText(note, beside, y)
    ctx.fillStyle = theme.ink(1)
    ctx.fillText(note, beside, y)
  }

  drawLoop(ctx) {
    const loop = this.gesture?.loop
    if (!loop) return
    const { theme } = this.board
    ctx.beginPath()
    for (const [x, y] of loop) ctx.lineTo(x, y)
    ctx.closePath()
    ctx.fillStyle = theme.ink(0.07)
    ctx.fill()
    ctx.setLineDash([5, 4])
    ctx.lineWidth = 1.5
    ctx.strokeStyle = theme.accent
    ctx.stroke()
    ctx.setLineDash([])
  }

  drawLooked(ctx, width, height) {
    const { board } = this
    const i = board.looked
    if (i < 0) return
    /** @type {Point} */
    const at = [this.placed[2 * i], this.placed[2 * i + 1]]
    if (board.lookedIn === this) {
      const { pictures, theme } = board
      const name = [board.nameOf(i), board.errorOf(i)].filter(Boolean).join(" · ")
      showThumbnail(ctx, theme, { at, width, height, images: pictures, index: i, colour: board.colourOf(i), name })
      return
    }
    ctx.strokeStyle = board.theme.ink(1)
    ctx.lineWidth = 2
    ctx.beginPath()
    ctx.arc(...at, 7, 0, 7)
    ctx.stroke()
  }

  // ---- where points are -------------------------------------------------------------------------------

  project({ points, range }, width, height) {
    const { dims } = this
    const count = points.length / dims
    if (this.placed?.length !== 2 * count) [this.placed, this.depth] = [new Float32Array(2 * count), new Float32Array(count)]
    this.lens = lensOf(range, dims, width, height, this.yaw, this.pitch)
    const point = new Float32Array(dims)
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < dims; k++) point[k] = points[dims * i + k]
      const [x, y, z] = this.lens(point)
      this.placed[2 * i] = x
      this.placed[2 * i + 1] = y
      this.depth[i] = z
    }
  }

  // Where a single point is drawn, at the edge if it lies outside.
  spot(point, width, height) {
    const [x, y] = this.lens(point)
    return [Math.max(10, Math.min(width - 10, x)), Math.max(10, Math.min(height - 10, y))]
  }

  // Between two moments points move, so that the eye can follow them.
  gliding() {
    const now = performance.now()
    const target = this.ranged
    if (!this.glide || calm.matches) this.glide = { from: target, to: target, began: now }
    else if (this.glide.to !== target) this.glide = { from: this.between(now), to: target, began: now }
    const state = this.between(now)
    if (state !== target) setTimeout(() => this.board.redraw(this), FRAME_MS)
    return state
  }

  between(now) {
    const { from, to, began } = this.glide
    const part = Math.min(1, (now - began) / GLIDE_MS)
    if (part >= 1 || from === to) return to
    const ease = part * (2 - part)
    const mix = (a, b) => Float32Array.from(a, (value, i) => value + (b[i] - value) * ease)
    return { points: mix(from.points, to.points), range: mix(from.range, to.range) }
  }

  // ---- pointer and keys -------------------------------------------------------------------------------

  press(event) {
    if (!this.placed || event.button) return
    this.canvas.setPointerCapture(event.pointerId)
    const at = [event.offsetX, event.offsetY]
    this.gesture = { from: at, last: at, moved: false }
    this.board.lookAt(nearestPoint(this.placed, at), this)
  }

  move(event) {
    if (!this.placed) return
    const at = [event.offsetX, event.offsetY]
    const { gesture, board } = this
    if (!gesture) {
      board.lookAt(nearestPoint(this.placed, at), this)
      return
    }
    gesture.moved ||= Math.hypot(at[0] - gesture.from[0], at[1] - gesture.from[1]) > CLICK
    if (!gesture.moved) return
    board.lookAt(-1)
    if (this.dims === 3 && !board.lassoing) this.turn(at[0] - gesture.last[0], at[1] - gesture.last[1])
    else gesture.loop = [...(gesture.loop ?? [gesture.from]), at]
    gesture.last = at
    board.redraw(this)
  }

  release(event) {
    const { gesture, board } = this
    this.gesture = null
    if (!gesture || !this.placed) return
    const add = event.shiftKey || event.ctrlKey || event.metaKey
    if (gesture.loop) board.select(this.inside(gesture.loop), add)
    else if (!gesture.moved) {
      const i = nearestPoint(this.placed, gesture.from)
      if (i >= 0) board.select([i], add)
      else if (!add) board.select([], false)
    }
    board.redraw(this)
  }

  inside(loop) {
    const area = new Path2D()
    for (const [x, y] of loop) area.lineTo(x, y)
    const ctx = element("canvas").getContext("2d")
    const found = []
    for (let i = 0; i < this.placed.length / 2; i++) {
      if (ctx.isPointInPath(area, this.placed[2 * i], this.placed[2 * i + 1])) found.push(i)
    }
    return found
  }

  turn(dx, dy) {
    this.yaw += dx * 0.01
    this.pitch = Math.max(-1.5, Math.min(1.5, this.pitch + dy * 0.01))
    this.board.redraw(this)
  }

  key(event) {
    const { board } = this
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const way = ways[event.key]
    if (event.key === "Escape") board.select([], false)
    else if (!this.placed) return
    else if (way && event.shiftKey && this.dims === 3) this.turn(12 * way[0], 12 * way[1])
    else if (way) board.lookAt(this.next(board.looked, way), this)
    else if ((event.key === "Enter" || event.key === " ") && board.looked >= 0) {
      board.select([board.looked], event.shiftKey || event.ctrlKey)
    } else return
    event.preventDefault()
  }

  // The nearest point in one of four directions; from nowhere, the one nearest the middle.
  next(from, [dx, dy]) {
    const at = this.placed
    const [x, y] = from < 0 ? [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2] : [at[2 * from], at[2 * from + 1]]
    let [best, least] = [from, Infinity]
    for (let i = 0; i < at.length / 2; i++) {
      const [ax, ay] = [at[2 * i] - x, at[2 * i + 1] - y]
      const along = ax * dx + ay * dy
      const aside = Math.abs(ax * dy - ay * dx)
      const cost = from < 0 ? Math.hypot(ax, ay) : along > 0.5 ? along + 2 * aside : Infinity
      if (i !== from && cost < least) [best, least] = [i, cost]
    }
    return best
  }
}
