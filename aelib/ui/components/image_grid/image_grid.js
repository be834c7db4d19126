// A grid of images: rows, and in every column the same picture (with `across` the other way round).
// It is laid out once and drawn into in place: a picture that did not change is not painted again.

const GAP = 6
// CSS pixels for a pixel of a picture: at most, and where columns are wrapped rather than made smaller.
const LARGEST = 4
const SMALLEST = 1.6
const LABEL_WIDTH = 126
const NARROW = 560
const ZOOM = 6

export default mounting((root) => new ImageGrid(root), (view, component) => {
  view.choose = (column) => component.setStateValue("column", column)
  if (component.data instanceof Uint8Array) view.receive(component.data)
})

class ImageGrid {
  constructor(root) {
    const one = (selector) => root.querySelector(selector)
    /** @type {(column: number) => void} */
    this.choose = () => {}
    this.host = root.host ?? root
    this.box = one(".image-grid")
    this.ui = { blocks: one(".grid-blocks"), legend: one(".legend.scale"), removed: one(".legend.removed"), zoom: one(".zoom") }
    this.cells = []
    this.follower = new Follower((block) => this.take(unpack(block)))
    this.observer = new ResizeObserver(() => this.draw())
    this.observer.observe(this.box)
    this.ui.blocks.onpointerover = (event) => this.enlarge(this.cellOf(event))
    this.ui.blocks.onpointerleave = () => this.enlarge(null)
    this.ui.blocks.onclick = (event) => this.select(this.cellOf(event)?.picture)
    this.ui.blocks.onkeydown = (event) => this.key(event)
  }

  close() {
    clearTimeout(this.held)
    this.follower.close()
    this.observer.disconnect()
  }

  // What the page draws. While a hand is ahead of it, that has to wait: something newer is on its way.
  receive(block) {
    const unpacked = unpack(block)
    const { follows } = unpacked.header
    clearTimeout(this.held)
    this.follower.follow(follows)
    if (this.follower.outruns(follows)) this.held = setTimeout(() => this.receive(block), GIVEN_UP_MS)
    else this.take(unpacked)
  }

  take({ header, images }) {
    this.told = header
    this.rows = header.rows.map((row) => ({ ...row, images: images(row.images), mask: row.mask && images(row.mask) }))
    this.count = Math.max(0, ...header.rows.map((row) => row.count))
    this.side = this.rows[0]?.images.side ?? 0
    this.draw()
  }

  draw() {
    if (!this.told || !this.box.clientWidth) return
    this.theme = readTheme(this.host)
    this.lay()
    const ground = `${this.theme.background}/${this.theme.text}`
    for (const cell of this.cells) this.drawCell(cell, ground)
    for (const { node, row } of this.labels) {
      write(node.querySelector(".name"), row.label)
      write(node.querySelector(".note"), row.note)
    }
    this.drawMark()
    this.drawLegend()
    if (this.enlarged) this.enlarge(this.enlarged)
  }

  // ---- layout ---------------------------------------------------------------------------------------

  // What stands below one another (lines) and beside one another (columns).
  get shape() {
    const { across, titles } = this.told
    const rows = this.rows.map((_, index) => ({ row: index }))
    const pictures = Array.from({ length: this.count }, (_, index) => ({ picture: index, title: titles[index] ?? "" }))
    return across ? { lines: pictures, columns: rows } : { lines: rows, columns: pictures }
  }

  lay() {
    const { lines, columns } = this.shape
    const named = (these) => these.some((one) => (one.title ?? this.rows[one.row].label) !== "")
    const narrow = this.box.clientWidth < NARROW
    const beside = named(lines) && !narrow
    const room = this.box.clientWidth - (beside ? LABEL_WIDTH : 0)
    const ratio = devicePixelRatio || 1
    // Whole numbers of the screen's pixels keep every pixel of a picture the same size.
    const scaleFor = (perBlock) => Math.floor((((room + GAP) / perBlock - GAP) * ratio) / this.side) / ratio
    let blocks = 1
    while (blocks < columns.length && scaleFor(Math.ceil(columns.length / blocks)) < SMALLEST) blocks++
    const perBlock = Math.ceil(columns.length / blocks) || 1
    const scale = Math.max(1 / ratio, Math.min(Math.floor(LARGEST * ratio) / ratio, scaleFor(perBlock)))
    const { across, selectable } = this.told
    const plan = JSON.stringify([lines, columns, perBlock, scale, beside, across, selectable, named(lines), named(columns)])
    if (plan === this.laid) return
    this.laid = plan
    const focused = this.box.getRootNode().activeElement?.dataset?.picture
    this.cells = []
    this.labels = []
    this.enlarge(null)
    this.box.classList.toggle("selectable", selectable)
    this.box.classList.toggle("narrow", narrow)
    this.box.style.setProperty("--picture", `${this.side * scale}px`)
    this.box.style.setProperty("--gap", `${GAP}px`)
    this.blocks = []
    for (let first = 0; first < columns.length; first += perBlock) {
      this.layBlock(lines, columns.slice(first, first + perBlock), { beside, heads: named(columns), sides: named(lines), perBlock })
    }
    this.ui.blocks.replaceChildren(...this.blocks)
    if (focused !== undefined) this.stopAt(Number(focused))?.canvas.focus()
  }

  layBlock(lines, columns, { beside, heads, sides, perBlock }) {
    const block = element("div", "grid-block")
    const wide = `repeat(${perBlock}, var(--picture))`
    block.style.gridTemplateColumns = beside ? `${LABEL_WIDTH - GAP}px ${wide}` : wide
    const from = beside ? 2 : 1
    let at = 1
    const place = (node, line, column, span = 1) => {
      node.style.gridArea = `${line} / ${column} / span 1 / span ${span}`
      block.append(node)
      return node
    }
    if (heads) {
      for (const [k, column] of columns.entries()) place(this.name(column, "grid-head"), at, from + k)
      at++
    }
    for (const line of lines) {
      if (sides && beside) place(this.name(line, "grid-label"), at, 1)
      else if (sides) place(this.name(line, "grid-label above"), at++, 1, perBlock)
      columns.forEach((column, k) => {
        const cell = this.makeCell({ ...line, ...column }, block, from + k, at)
        if (cell) place(cell.node, at, from + k)
      })
      at++
    }
    block.dataset.lines = String(at)
    this.blocks.push(block)
  }

  // The name of a row (kept up to date), or the title of a picture.
  name(one, kind) {
    const node = element("div", kind)
    node.append(element("span", "name"), element("span", "note"))
    if (one.row === undefined) node.firstChild.textContent = one.title
    else this.labels.push({ node, get row() { return this.grid.rows[one.row] }, grid: this })
    return node
  }

  makeCell({ row, picture }, block, column, line) {
    if (picture >= this.rows[row].count) return null
    const node = element("div", "cell")
    const canvas = element("canvas")
    canvas.width = canvas.height = this.side
    const caption = element("div", "caption")
    node.append(canvas, caption)
    canvas.setAttribute("role", "img")
    canvas.dataset.picture = picture
    const cell = { node, canvas, caption, row, picture, block, column, line, drawn: null, hole: null }
    if (this.told.selectable && row === 0) {
      canvas.setAttribute("role", "button")
      canvas.tabIndex = picture === (this.told.marked ?? 0) ? 0 : -1
    }
    this.cells.push(cell)
    return cell
  }

  // ---- drawing --------------------------------------------------------------------------------------

  drawCell(cell, ground) {
    const { signed, images, mask, captions, label } = this.rows[cell.row]
    const mine = images.one(cell.picture)
    const caption = captions[cell.picture] ?? ""
    write(cell.caption, caption)
    cell.caption.hidden = captions.length === 0
    const title = this.told.titles[cell.picture] || `image ${cell.picture + 1}`
    cell.canvas.setAttribute("aria-label", [label, title, caption].filter(Boolean).join(", "))
    const hole = mask?.one(cell.picture)
    if (cell.ground === ground && cell.signed === signed && same(cell.drawn, mine) && same(cell.hole, hole)) return
    Object.assign(cell, { ground, signed, drawn: mine, hole })
    const ctx = cell.canvas.getContext("2d")
    const image = ctx.createImageData(this.side, this.side)
    const paint = signed ? paintSigned : paintImage
    paint(image, this.theme, 0, 0, images, cell.picture)
    if (mask) paintMask(image, this.theme, 0, 0, mask, cell.picture)
    ctx.putImageData(image, 0, 0)
  }

  drawMark() {
    const { marked, across } = this.told
    this.frame?.remove()
    const cell = marked === null ? null : this.cells.find((one) => one.picture === marked)
    for (const one of this.cells) {
      if (one.canvas.getAttribute("role") === "button") one.canvas.setAttribute("aria-pressed", one.picture === marked)
    }
    if (!cell) return
    this.frame = element("div", "frame")
    this.frame.style.gridArea = across ? `${cell.line} / 1 / auto / -1` : `1 / ${cell.column} / ${cell.block.dataset.lines} / auto`
    cell.block.append(this.frame)
  }

  drawLegend() {
    const { legend, removed } = this.ui
    removed.hidden = !this.rows.some((row) => row.mask)
    if (!removed.hidden) paintMaskKey(removed.querySelector("canvas"), this.theme)
    legend.hidden = this.told.legend === null
    if (legend.hidden) return
    const [low, high] = this.told.legend
    write(legend.querySelector(".low"), low)
    write(legend.querySelector(".high"), high)
    const canvas = legend.querySelector("canvas")
    canvas.setAttribute("aria-label", `Scale from ${low} to ${high}`)
    const ctx = canvas.getContext("2d")
    // The scale that paintSigned uses, painted by it: an image of 16 × 16 pixels from -1 to 1.
    const strip = ctx.createImageData(16, 16)
    const levels = Uint8Array.from({ length: 256 }, (_, i) => Math.min(254, i) + 1)
    paintSigned(strip, this.theme, 0, 0, new Images(levels, [1, 1, 16]), 0)
    for (let x = 0; x < canvas.width; x++) {
      const at = 4 * Math.round((x / (canvas.width - 1)) * 254)
      ctx.fillStyle = `rgb(${strip.data.slice(at, at + 3).join(",")})`
      ctx.fillRect(x, 0, 1, 1)
    }
  }

  // ---- pointer and keys -----------------------------------------------------------------------------

  cellOf(event) {
    const node = event.target.closest?.(".cell")
    return this.cells.find((cell) => cell.node === node) ?? null
  }

  // Shows a picture large, beside the small one.
  enlarge(cell) {
    const { zoom } = this.ui
    this.enlarged = cell
    zoom.hidden = !cell
    if (!cell) return
    const [canvas, label, caption] = zoom.children
    canvas.width = canvas.height = this.side
    canvas.getContext("2d").drawImage(cell.canvas, 0, 0)
    write(label, [this.rows[cell.row].label, this.told.titles[cell.picture]].filter(Boolean).join(" · "))
    write(caption, this.rows[cell.row].captions[cell.picture] ?? "")
    const [box, at] = [this.box.getBoundingClientRect(), cell.canvas.getBoundingClientRect()]
    const width = this.side * ZOOM + 14
    const right = at.right - box.left + 10
    zoom.style.left = `${right + width > box.width ? Math.max(0, at.left - box.left - width - 10) : right}px`
    zoom.style.top = `${Math.max(-8, Math.min(at.top - box.top - 20, box.height - zoom.offsetHeight))}px`
  }

  select(picture) {
    if (this.told.selectable && picture !== undefined) this.choose(picture)
  }

  stopAt(picture) {
    return this.cells.find((cell) => cell.picture === picture && cell.canvas.getAttribute("role") === "button")
  }

  key(event) {
    if (!this.told.selectable) return
    const at = Number(event.target.dataset?.picture ?? 0)
    const back = this.told.across ? "ArrowUp" : "ArrowLeft"
    const on = this.told.across ? "ArrowDown" : "ArrowRight"
    const moves = { [back]: at - 1, [on]: at + 1, Home: 0, End: this.count - 1 }
    if (event.key in moves) {
      const next = this.stopAt(moves[event.key])
      event.preventDefault()
      if (!next) return
      this.stopAt(at).canvas.tabIndex = -1
      next.canvas.tabIndex = 0
      next.canvas.focus()
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      this.select(at)
    }
  }
}

const write = (node, text) => { if (node.textContent !== text) node.textContent = text }
const same = (a, b) => (!a || !b ? a === b : a.length === b.length && a.every((value, i) => value === b[i]))
