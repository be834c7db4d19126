// A room's board: asks the server for one block of bytes after the other (see channel.py and payload.py), and keeps one
// tile for each participant.

// Without progress for so long, somebody may need help.
const STUCK_MINUTES = 3
const GAP = 8
// A tile in CSS pixels: how flat it may be, and how low.
const SHAPE = 1.9
const LOWEST = 96
const HIGHEST = 190
const WIDEST = 420
// Pixels between two images of a tile, as sent.
const IMAGE_GAP = 2

export default mounting((root) => new Board(root), (view, component) => {
  view.opens = component.data.opens
  view.open = (id) => component.setTriggerValue("opened", id)
  view.connect(component.data.token)
  // The theme may have become another.
  view.redraw()
})

class Board {
  constructor(root) {
    this.host = root.host ?? root
    this.box = root.querySelector(".board")
    this.ui = { tiles: root.querySelector(".tiles"), count: root.querySelector(".count"), order: root.querySelector(".order") }
    this.ui.order.onchange = () => this.redraw()
    this.opens = false
    /** @type {(id: string) => void} */
    this.open = () => {}
    /** @type {Map<string, BoardTile>} */
    this.tiles = new Map()
    /** @type {any[] | null} */
    this.facts = null
    this.observer = new ResizeObserver(() => this.redraw())
    this.observer.observe(this.box)
    this.resized = () => this.redraw()
    addEventListener("resize", this.resized)
  }

  close() {
    this.observer.disconnect()
    removeEventListener("resize", this.resized)
    cancelAnimationFrame(this.frameRequest)
    this.line?.close()
  }

  connect(token) {
    if (token === this.token) return
    this.token = token
    this.line?.close()
    const ask = () => this.line.send("next")
    this.line = new Line(`board/${token}`, {
      opened: ask,
      received: (block) => {
        this.receive(unpack(block))
        ask()
      },
    })
  }

  receive({ header, array, images }) {
    this.facts = header.tiles
    const present = new Set(this.facts.map(({ id }) => id))
    for (const id of [...this.tiles.keys()]) if (!present.has(id)) this.tiles.delete(id)
    for (const fact of this.facts) {
      if (!this.tiles.has(fact.id)) this.tiles.set(fact.id, new BoardTile(this, fact.id))
      const tile = this.tiles.get(fact.id)
      tile.fact = fact
      if (!(fact.id in header.runs)) continue
      const run = header.runs[fact.id]
      tile.run = run && { ...run, curve: array(run.curve), images: run.images && images(run.images) }
    }
    this.redraw()
  }

  // In the order chosen; who has the same need comes in the order of the names.
  sorted() {
    const by = this.ui.order.value
    const tiles = [...this.tiles.values()]
    const last = Infinity
    const keys = {
      need: ({ fact, run }) => [fact.hand || last, -Math.floor(fact.minutes / STUCK_MINUTES), -(relative(run) ?? last)],
      error: ({ run }) => [run?.error ?? last],
      name: () => [],
    }
    return tiles.sort((a, b) => {
      const [one, other] = [keys[by](a), keys[by](b)]
      for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return one[i] < other[i] ? -1 : 1
      return a.fact.name.localeCompare(b.fact.name)
    })
  }

  redraw() {
    this.frameRequest ??= requestAnimationFrame(() => {
      this.frameRequest = null
      if (this.box.clientWidth && this.facts) this.draw()
    })
  }

  draw() {
    const count = this.facts.length
    const hands = this.facts.filter(({ hand }) => hand).length
    this.ui.count.textContent = count
      ? `${count} ${count === 1 ? "participant" : "participants"}${hands ? `, ${hands} raised ${hands === 1 ? "hand" : "hands"}` : ""}`
      : "Nobody has joined yet"
    this.theme = readTheme(this.host)
    this.lay(count)
    const order = this.sorted()
    // Only what has moved is moved: an element that is put anew loses the focus.
    order.forEach((tile, place) => {
      if (this.ui.tiles.children[place] !== tile.root) this.ui.tiles.insertBefore(tile.root, this.ui.tiles.children[place] ?? null)
    })
    while (this.ui.tiles.children.length > order.length) this.ui.tiles.lastChild.remove()
    for (const tile of order) tile.draw()
  }

  // As large as all tiles can be at once on this screen.
  lay(count) {
    const width = this.ui.tiles.clientWidth
    const height = Math.max(300, innerHeight - Math.max(0, this.ui.tiles.getBoundingClientRect().top) - 24)
    let best = { size: 0, columns: 1, high: LOWEST, wide: WIDEST }
    for (let columns = 1; columns <= Math.max(1, count); columns++) {
      const rows = Math.ceil(count / columns)
      const wide = Math.min(WIDEST, (width - GAP * (columns - 1)) / columns)
      const high = Math.min(HIGHEST, (height - GAP * (rows - 1)) / rows)
      const size = Math.min(wide / SHAPE, high)
      if (size > best.size) best = { size, columns, high, wide }
    }
    const high = Math.max(LOWEST, best.high)
    this.ui.tiles.style.setProperty("--columns", String(best.columns))
    this.ui.tiles.style.setProperty("--width", `${Math.floor(best.wide)}px`)
    this.ui.tiles.style.setProperty("--height", `${Math.floor(high)}px`)
    this.ui.tiles.style.setProperty("--text", `${Math.max(11.5, Math.min(19, high / 8.4)).toFixed(1)}px`)
  }
}

// The error as a part of PCA's, or undefined.
function relative(run) {
  return run?.error != null && run.pca ? run.error / run.pca : undefined
}

class BoardTile {
  /**
   * @param {Board} board
   * @param {string} id
   */
  constructor(board, id) {
    this.board = board
    this.fact = null
    this.run = null
    this.root = element(board.opens ? "button" : "div", "tile")
    if (board.opens) {
      Object.assign(this.root, { type: "button", onclick: () => board.open(id) })
    }
    const [head, foot, figures] = [element("div", "head"), element("div", "foot"), element("div", "figures")]
    this.ui = {
      name: element("span", "name"),
      hand: element("span", "hand"),
      note: element("span", "note"),
      images: element("canvas", "images"),
      curve: element("canvas", "curve"),
      error: element("span", "error"),
      ratio: element("span", "ratio"),
    }
    head.append(this.ui.name, this.ui.hand, this.ui.note)
    figures.append(this.ui.error, this.ui.ratio)
    foot.append(this.ui.curve, figures)
    this.root.append(head, this.ui.images, foot)
  }

  draw() {
    const { ui, fact, run, root } = this
    const stuck = fact.minutes >= STUCK_MINUTES && run?.status !== "finished"
    root.classList.toggle("stuck", stuck && !fact.away)
    root.classList.toggle("raised", fact.hand > 0)
    root.classList.toggle("away", fact.away)
    ui.name.textContent = root.title = fact.name
    ui.hand.textContent = fact.hand ? `hand ${fact.hand}` : ""
    ui.note.textContent = fact.away ? "away" : stuck ? `${fact.minutes} min` : (run?.status ?? "no run yet")
    ui.note.title = stuck ? "Minutes without progress" : ""
    const part = relative(run)
    ui.error.textContent = run?.error == null ? "" : errorText(run.error)
    ui.ratio.textContent = part === undefined ? "" : `${part < 10 ? part.toFixed(2) : Math.round(part)} × PCA-${run.codeUnits}`
    this.drawImages()
    this.drawCurve()
  }

  drawImages() {
    const { ui, run, board, root } = this
    const images = run?.images
    ui.images.hidden = !images
    if (!images) return
    const ratio = devicePixelRatio || 1
    const room = (root.clientWidth - 2 * parseFloat(getComputedStyle(root).paddingLeft)) * ratio
    const highest = root.clientHeight * 0.4 * ratio
    const scale = Math.max(1, Math.floor(highest / images.side))
    const count = Math.max(1, Math.min(images.count, Math.floor((room / scale + IMAGE_GAP) / (images.side + IMAGE_GAP))))
    const wide = count * (images.side + IMAGE_GAP) - IMAGE_GAP
    const canvas = ui.images
    if (canvas.width !== wide || canvas.height !== images.side) [canvas.width, canvas.height] = [wide, images.side]
    canvas.style.width = `${(wide * scale) / ratio}px`
    canvas.style.height = `${(images.side * scale) / ratio}px`
    const ctx = canvas.getContext("2d")
    const pixels = ctx.createImageData(wide, images.side)
    for (let i = 0; i < count; i++) paintImage(pixels, board.theme, i * (images.side + IMAGE_GAP), 0, images, i)
    ctx.putImageData(pixels, 0, 0)
  }

  // On a logarithmic axis, as errors fall.
  drawCurve() {
    const { ui, run, board } = this
    const { ctx, width, height } = prepare(ui.curve)
    const points = []
    for (let i = 0; run && i < run.curve.length; i += 2) if (run.curve[i + 1] > 0) points.push([run.curve[i], Math.log(run.curve[i + 1])])
    if (points.length < 2 || width < 20 || height < 8) return
    const pca = run.pca > 0 ? Math.log(run.pca) : null
    const values = points.map(([, v]) => v).concat(pca === null ? [] : [pca])
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const last = points[points.length - 1][0] || 1
    const y = (v) => height - 2 - ((v - low) / (high - low || 1)) * (height - 4)
    ctx.setLineDash([4, 3])
    if (pca !== null) stroke(ctx, [[0, y(pca)], [width, y(pca)]], board.theme.series.pca, 1.5)
    ctx.setLineDash([])
    stroke(ctx, points.map(([s, v]) => [1 + (s / last) * (width - 2), y(v)]), board.theme.series.test, 2)
  }
}
