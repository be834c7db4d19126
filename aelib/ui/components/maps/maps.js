// Three maps of the same test pictures, with one selection. Python sends pictures, points and words (payload.py), each
// only when it changed; selecting, turning and looking need no server.

const MAPS = ["code", "pca", "tsne"]
const NARROW = 760
const WIDE = 1080
const MOST = 24
const SHADES = 24
const GAP = 4

export default mounting((root) => new Maps(root), (view, component) => {
  view.askForAll = () => component.setTriggerValue("incomplete", true)
  if (component.data instanceof Uint8Array) view.receive(unpack(component.data))
})

class Maps {
  constructor(root) {
    const one = (selector) => root.querySelector(selector)
    this.askForAll = () => {}
    this.received = new Parts(() => this.askForAll())
    this.host = root.host ?? root
    this.box = one(".maps")
    this.ui = {
      legend: one(".legend"), mode: one(".mode"), rotate: one(".rotate"), lasso: one(".lasso"), clear: one(".clear"), table: one(".table"),
      about: one(".strip .about"), hint: one(".strip .hint"), chosen: one(".chosen"), own: one(".own"),
    }
    this.clouds = MAPS.map((name) => new Cloud(this, name))
    one(".panels").replaceChildren(...this.clouds.map((cloud) => cloud.section))
    this.forget()
    this.lassoing = false
    const { rotate, lasso, clear, chosen } = this.ui
    rotate.onclick = () => { this.lassoing = false; this.redraw() }
    lasso.onclick = () => { this.lassoing = true; this.redraw() }
    clear.onclick = () => this.select([], false)
    this.ui.table.onclick = () => this.download()
    chosen.onpointermove = (event) => this.lookAt(this.inStrip(event), null)
    chosen.onpointerleave = () => this.lookAt(-1)
    this.observer = new ResizeObserver(() => this.redraw())
    this.observer.observe(this.box)
  }

  close() {
    this.observer.disconnect()
    cancelAnimationFrame(this.frameRequest)
  }

  forget() {
    this.count = 0
    this.pictures = this.indices = this.labels = this.looks = null
    this.held = {}
    this.classes = this.byClass = this.groups = []
    this.lit = new Set()
    this.looked = -1
    this.lookedIn = null
  }

  receive({ header, array, arrays, images }) {
    const { received } = this
    const scene = received.scene(header.scene)
    if (scene) {
      this.forget()
      this.pictures = images(scene.images)
      this.indices = array(scene.indices)
      this.labels = array(scene.labels)
      this.classes = scene.classes
      this.count = this.labels.length
      this.byClass = scene.classes.map(() => [])
      for (const [i, label] of this.labels.entries()) this.byClass[label]?.push(i)
    }
    for (const [name, part] of Object.entries(header.parts)) {
      const news = received.news(name, part)
      if (news) {
        const pictures = Object.entries(news.images).map(([key, place]) => [key, images(place)])
        this.held[name] = { key: part.key, ...arrays(news.arrays), ...Object.fromEntries(pictures), dims: news.dims }
      } else if (!part) this.held[name] = null
    }
    const { looks, own, colour } = this.held
    this.clouds.forEach((cloud) => {
      cloud.tell(header.panels[cloud.name])
      const held = this.held[cloud.name]
      cloud.show(held?.points ?? null, held?.dims, held?.key)
    })
    this.looks = looks ?? null
    this.own = own ?? null
    this.ownText = header.ownText
    this.colouring = { ...header.colour, values: colour?.values }
    this.redraw()
  }

  // ---- what the maps share ----------------------------------------------------------------------------

  select(indices, add) {
    if (!add) this.lit = new Set(indices)
    else if (indices.length === 1 && this.lit.has(indices[0])) this.lit.delete(indices[0])
    else for (const i of indices) this.lit.add(i)
    this.redraw()
  }

  lookAt(index, cloud = null) {
    if (index === this.looked && cloud === this.lookedIn) return
    this.looked = index
    this.lookedIn = cloud
    this.redraw(...this.clouds)
  }

  get side() {
    return this.pictures?.side ?? 0
  }

  nameOf(i) {
    return this.classes.length > 1 ? this.classes[this.labels[i]] : ""
  }

  errorOf(i) {
    return this.looks ? `error ${this.looks.errors[i].toFixed(3)}` : ""
  }

  colourOf(i) {
    return this.groups[this.groupOf[i]].colour
  }

  // Points by colour: their class, or a shade for an amount.
  colourPoints() {
    const { theme, colouring, classes } = this
    const { values } = colouring
    this.named = !values && classes.length > 1
    this.groupOf = new Uint16Array(this.count)
    if (!values) {
      const colour = (label) => (classes.length > 1 ? theme.classes[label % theme.classes.length] : theme.accent)
      this.groups = this.byClass.map((members, label) => ({ colour: colour(label), members }))
      this.groupOf.set(this.labels)
      return
    }
    this.span = bulk(values)
    const [low, high] = this.span
    this.groups = Array.from({ length: SHADES }, (_, s) => ({ colour: shade(theme.ramp, s / (SHADES - 1)), members: [] }))
    values.forEach((value, i) => {
      const group = Math.max(0, Math.min(SHADES - 1, Math.floor(((value - low) / (high - low)) * SHADES)))
      this.groupOf[i] = group
      this.groups[group].members.push(i)
    })
  }

  // ---- drawing ----------------------------------------------------------------------------------------

  // Draws with the screen's next frame: some maps, or everything.
  redraw(...clouds) {
    this.dirty ??= new Set()
    for (const part of clouds.length ? clouds : [...this.clouds, this]) this.dirty.add(part)
    this.frameRequest ??= requestAnimationFrame(() => {
      const dirty = this.dirty
      this.frameRequest = this.dirty = null
      if (!this.box.clientWidth) return
      this.box.classList.toggle("narrow", this.box.clientWidth < NARROW)
      this.box.classList.toggle("wide", this.box.clientWidth >= WIDE)
      this.theme = readTheme(this.host)
      if (dirty.has(this)) {
        if (this.count) this.colourPoints()
        this.drawTools()
        this.drawStrip()
      }
      for (const cloud of this.clouds) if (dirty.has(cloud)) cloud.draw()
    })
  }

  drawTools() {
    const { mode, rotate, lasso, clear } = this.ui
    mode.hidden = !this.clouds.some((cloud) => cloud.dims === 3)
    rotate.setAttribute("aria-pressed", !this.lassoing)
    lasso.setAttribute("aria-pressed", this.lassoing)
    clear.disabled = !this.lit.size
    this.ui.table.disabled = !this.looks
    const key = JSON.stringify([this.received.keys.scene, this.classes, this.colouring?.title, this.span, this.named, this.theme.tone])
    if (key === this.legendDrawn || !this.count) return
    this.legendDrawn = key
    this.ui.legend.replaceChildren(...(this.colouring.values ? this.rampLegend() : this.classLegend()))
  }

  classLegend() {
    if (this.classes.length < 2) return []
    return this.classes.map((name, label) => {
      const button = Object.assign(element("button"), { type: "button", title: `Select every “${name}” (Shift adds)` })
      const swatch = element("i")
      swatch.style.setProperty("--class", this.groups[label].colour)
      button.append(swatch, name)
      button.onclick = (event) => this.select(this.byClass[label], event.shiftKey || event.ctrlKey || event.metaKey)
      return button
    })
  }

  rampLegend() {
    const bar = Object.assign(element("canvas"), { width: SHADES, height: 1 })
    const ctx = bar.getContext("2d")
    this.groups.forEach(({ colour }, s) => { ctx.fillStyle = colour; ctx.fillRect(s, 0, 1, 1) })
    const text = (content) => Object.assign(element("span"), { textContent: content })
    const [low, high] = this.span.map((value) => Number(value.toPrecision(2)).toString())
    return [text(`${this.colouring.title}:`), text(`≤ ${low}`), bar, text(`≥ ${high}`)]
  }

  drawStrip() {
    const { about, hint, chosen, own } = this.ui
    const some = [...this.lit].slice(0, MOST)
    about.textContent = this.summary(some.length)
    hint.textContent = this.lit.size || !this.count ? "" : "Click a dot, lasso a group, or pick a class: "
      + "the same images are highlighted in all three plots and shown here."
    this.columns = Math.max(1, Math.min(some.length, Math.floor((hint.clientWidth + 2 * GAP) / (2 * (this.side + GAP)))))
    this.paint(chosen, this.columns, some, (i) => [this.pictures, this.looks?.reconstructions, i])
    own.hidden = !this.own
    if (this.own) {
      this.paint(own.querySelector("canvas"), 1, [0], () => [this.own.picture, this.own.reconstruction, 0])
      own.querySelector("span").textContent = this.ownText
    }
  }

  // Pictures in columns, each above its reconstruction, twice their size.
  paint(canvas, columns, some, source) {
    const { side } = this
    canvas.hidden = !some.length || !side
    // Before the images are here, nothing says how large one is.
    if (canvas.hidden) return
    const rows = Math.ceil(some.length / columns)
    canvas.width = columns * (side + GAP) - GAP
    canvas.height = Math.max(1, rows * (2 * side + 1 + 2 * GAP) - 2 * GAP)
    canvas.style.width = `${2 * canvas.width}px`
    canvas.style.height = `${2 * canvas.height}px`
    const ctx = canvas.getContext("2d")
    const image = ctx.createImageData(canvas.width, canvas.height)
    some.forEach((item, k) => {
      const [pictures, reconstructions, i] = source(item)
      const left = (k % columns) * (side + GAP)
      const top = Math.floor(k / columns) * (2 * side + 1 + 2 * GAP)
      paintImage(image, this.theme, left, top, pictures, i)
      if (reconstructions) paintImage(image, this.theme, left, top + side + 1, reconstructions, i)
    })
    ctx.putImageData(image, 0, 0)
  }

  summary(shown) {
    const { lit, count, looks } = this
    if (!lit.size) return ""
    const parts = [`${lit.size.toLocaleString("en")} of ${count.toLocaleString("en")} images`]
    if (this.classes.length > 1) {
      const counts = this.byClass.map((members) => members.reduce((sum, i) => sum + lit.has(i), 0))
      const order = [...counts.keys()].filter((c) => counts[c]).sort((a, b) => counts[b] - counts[a])
      parts.push(order.slice(0, 6).map((c) => `“${this.classes[c]}” × ${counts[c]}`).join(", ") + (order.length > 6 ? " …" : ""))
    }
    if (looks) {
      const mean = (of) => of.reduce((sum, i) => sum + looks.errors[i], 0) / of.length
      parts.push(`mean MSE ${mean([...lit]).toFixed(4)} (overall ${mean([...looks.errors.keys()]).toFixed(4)})`)
    }
    parts.push("each above its reconstruction")
    if (lit.size > shown) parts.push(`and ${(lit.size - shown).toLocaleString("en")} more`)
    return parts.join(" · ")
  }

  // What is on the maps at this moment, as a file.
  download() {
    const shown = this.clouds.filter((cloud) => cloud.points)
    const axes = shown.flatMap(({ column, dims }) => [..."xyz"].slice(0, dims).map((axis) => `${column}_${axis}`))
    const number = (value) => String(Number(value.toPrecision(6)))
    const lines = Array.from(this.indices, (index, i) => [
      index, this.labels[i], quoted(this.classes[this.labels[i]]), number(this.looks.errors[i]),
      ...shown.flatMap(({ points, dims }) => Array.from(points.subarray(dims * i, dims * (i + 1)), number)),
    ].join(","))
    const text = [["index", "label", "class", "error", ...axes].join(","), ...lines, ""].join("\n")
    const link = Object.assign(element("a"), {
      href: URL.createObjectURL(new Blob([text], { type: "text/csv" })),
      download: "latent-space.csv",
    })
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }

  inStrip(event) {
    const column = Math.floor(event.offsetX / (2 * (this.side + GAP)))
    const row = Math.floor(event.offsetY / (2 * (2 * this.side + 1 + 2 * GAP)))
    return [...this.lit].slice(0, MOST)[row * this.columns + column] ?? -1
  }
}

// [low, high] of all values but the outermost, whose colours are those of the ends.
function bulk(values) {
  const sorted = values.slice().sort()
  const [low, high] = [sorted[Math.floor(sorted.length * 0.005)], sorted[Math.ceil(sorted.length * 0.995) - 1]]
  return [low, high > low ? high : low + 1e-3]
}

// A class may be called anything: a comma must not become a column, nor a name a formula in a spreadsheet.
const quoted = (name) => `"${/^[=+@-]/.test(name) ? "'" : ""}${name.replaceAll('"', '""')}"`

// The colour at `part` (0 to 1) of a ramp of colours.
function shade(ramp, part) {
  const at = part * (ramp.length - 1)
  const i = Math.min(ramp.length - 2, Math.floor(at))
  return `rgb(${ramp[i].map((from, k) => Math.round(from + (ramp[i + 1][k] - from) * (at - i))).join(",")})`
}
