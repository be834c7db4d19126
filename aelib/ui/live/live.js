// The live view of a run. It asks the server for one block of bytes after the other (see channel.py and payload.py), and
// draws them in place. The recorded moments are kept here, so scrubbing needs no server.

const GLIDE_MS = 220
const GLIDE_FRAME_MS = 28
const NARROW = 720
// Between two moments of a replay; and of the example, which is replayed again and again until somebody takes over.
const REPLAY_MS = 120
const EXAMPLE_MS = 330
const EXAMPLE_REST_MS = 3000
// A point of the curve, as payload.py packs it.
const COLUMNS = ["step", "trainLoss", "trainError", "testLoss", "testError", "penalty", "trainEnergy", "testEnergy"]
// What may be shown over the steps: the columns of training and test.
const MEASURES = {
  mse: ["trainError", "testError"],
  loss: ["trainLoss", "testLoss"],
  energy: ["trainEnergy", "testEnergy"],
}

// Whoever goes to another page must not be brought back: of two calls for a page at once, the server hears the later.
const LEAVING_MS = 1500
let left = -Infinity
addEventListener("click", (event) => { if (event.composedPath().some((one) => one instanceof HTMLAnchorElement)) left = performance.now() }, true)

export default mounting((root) => new LiveView(root), (view, component) => {
  view.callForPage = () => {
    // It will be called again.
    if (performance.now() - left > LEAVING_MS) component.setTriggerValue("outdated", true)
  }
  view.connect(component.data.token)
  // The theme may have become another.
  view.redraw()
})

class LiveView {
  constructor(root) {
    const one = (selector) => root.querySelector(selector)
    this.callForPage = () => {}
    this.box = one(".live")
    this.host = root.host ?? root
    this.ui = {
      fill: one(".fill"), bar: one(".bar"), state: one(".state"), phase: one(".phase"), epoch: one(".epoch"), step: one(".step"),
      rate: one(".rate"), left: one(".left"), notices: one(".notices"), about: one(".about"),
      measure: one(".measure"), kind: one(".kind"), sample: one(".sample"), log: one(".log"), blocks: one(".blocks"), moment: one(".moment"),
      when: one(".when"), follow: one(".follow"), removed: one(".removed"), replay: one(".replay"), scrub: one(".scrub"),
    }
    this.keys = Object.fromEntries(["train", "test", "pca", "penalty", "beside"].map((name) => [name, one(`.key.${name}`)]))
    this.curveCanvas = one(".curve canvas")
    this.codesCanvas = one(".codes canvas")
    this.scene = null
    this.clear()

    const { moment, follow, replay, measure, log } = this.ui
    moment.oninput = () => this.moveTo(Number(moment.value))
    follow.onclick = () => { this.moveTo(null); moment.focus() }
    replay.onclick = () => this.toggleReplay()
    measure.onchange = log.onchange = () => this.redraw("Curve")
    this.curveCanvas.onpointermove = (event) => this.hoverCurve(event)
    this.curveCanvas.onpointerleave = () => { this.curveAt = null; this.redraw("Curve") }
    this.curveCanvas.onclick = (event) => { this.hoverCurve(event); this.moveToStep(this.curveAt) }
    this.curveCanvas.onkeydown = this.codesCanvas.onkeydown = (event) => this.key(event)
    this.codesCanvas.onpointermove = this.codesCanvas.onpointerdown = (event) => this.hoverCodes(event)
    this.codesCanvas.onpointerleave = () => { this.pointer = null; this.redraw("Codes") }
    for (const hand of ["pointerdown", "keydown"]) this.box.addEventListener(hand, (event) => this.takeOver(event), true)
    this.observer = new ResizeObserver(() => this.redraw())
    for (const sized of [this.box, this.curveCanvas]) this.observer.observe(sized)
  }

  close() {
    this.observer.disconnect()
    clearInterval(this.replaying)
    clearTimeout(this.exampleTimer)
    cancelAnimationFrame(this.frameRequest)
    this.line?.close()
  }

  // ---- the line to the server -----------------------------------------------------------------------

  connect(token) {
    if (token === this.token) return
    this.token = token
    this.line?.close()
    // Asking only when the last message was taken in keeps a slow browser from falling behind.
    const ask = () => this.line.send("next")
    this.line = new Line(`live/${token}`, {
      opened: ask,
      received: (block) => {
        this.broken = false
        this.receive(unpack(block))
        ask()
      },
      broken: () => {
        this.broken = true
        this.redraw("Status")
      },
    })
  }

  clear() {
    this.run = this.curve = this.beside = this.newest = this.pictures = null
    this.frames = new Map()
    this.recorded = []
    this.cursor = null // index into `recorded`; null follows the newest moment
    this.glide = null
    this.range = null
    this.pointer = this.curveAt = null
    clearInterval(this.replaying)
    this.replaying = null
    clearTimeout(this.exampleTimer)
    this.examplePlays = false
  }

  receive({ header, array }) {
    if (header.scene !== this.scene) {
      this.clear()
      this.scene = header.scene
    }
    if (header.pictures) {
      const { probe, target, labels, classes, shown } = header.pictures
      this.pictures = { probe: array(probe), target: target && array(target), labels: array(labels), classes, shown }
    }
    const codesBefore = this.shown?.points
    if (header.run) {
      this.run = header.run
      this.curve = array(header.curve)
      this.beside = header.beside ? { title: header.beside.title, curve: array(header.beside.curve) } : null
      // Codes that were not looked at anew are the same array, so that nothing moves or is drawn again.
      const unpackFrame = (f) => ({
        step: f.step, seen: array(f.seen), output: array(f.output), mask: f.mask && array(f.mask), points: f.points ? array(f.points) : this.newest.points,
      })
      for (const f of header.frames) this.frames.set(f.step, unpackFrame(f))
      const steps = new Set(header.recorded)
      for (const step of this.frames.keys()) if (!steps.has(step)) this.frames.delete(step)
      const at = this.cursor === null ? null : this.recorded[this.cursor]
      this.recorded = header.recorded.filter((step) => this.frames.has(step))
      if (at !== null) this.cursor = nearest(this.recorded, at)
      if (header.newest) this.newest = unpackFrame(header.newest)
    }
    this.playExample()
    // The buttons around the view do not fit the run any more.
    if (header.outdated) this.callForPage()
    const sameCodes = codesBefore && codesBefore === this.shown?.points && this.drawnTheme === this.themeName()
    this.redraw("Status", "Curve", "Pictures", "Scrubber", ...(sameCodes ? [] : ["Codes"]))
  }

  themeName() {
    return getComputedStyle(this.host).getPropertyValue("--st-background-color")
  }

  // ---- time -----------------------------------------------------------------------------------------

  get shown() {
    return this.cursor === null ? this.newest : this.frames.get(this.recorded[this.cursor])
  }

  moveTo(index) {
    this.cursor = index === null || index >= this.recorded.length - 1 ? null : Math.max(0, index)
    this.redraw()
  }

  moveToStep(step) {
    if (step !== null && this.recorded.length) this.moveTo(nearest(this.recorded, step))
  }

  key(event) {
    // The browser's own ways, such as Alt and an arrow for the page before.
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const last = this.recorded.length - 1
    const now = this.cursor ?? last
    const move = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last, PageUp: now - 10, PageDown: now + 10 }
    if (last > 0 && event.key in move) {
      event.preventDefault()
      this.moveTo(move[event.key])
    }
  }

  toggleReplay() {
    if (this.replaying) {
      clearInterval(this.replaying)
      this.replaying = null
    } else {
      this.moveTo(this.cursor ?? 0)
      if (this.cursor === null) return
      this.replaying = setInterval(() => {
        // At "now" it has come to its end, however it came there.
        if (this.cursor !== null) this.moveTo(this.cursor + 1)
        if (this.cursor === null) this.toggleReplay()
      }, this.run.example ? EXAMPLE_MS : REPLAY_MS)
    }
    this.redraw()
  }

  // The button that ends a replay does so itself.
  takeOver(event) {
    if (this.untouched && this.replaying && event.target !== this.ui.replay) this.toggleReplay()
    this.untouched = false
  }

  // What nobody asked for moves by itself only until a hand is on it, and not where people want no motion.
  playExample() {
    if (!this.run?.example || this.examplePlays || calm.matches) return
    this.examplePlays = this.untouched = true
    const again = () => {
      if (!this.untouched || !this.run?.example) return
      this.cursor = 0
      this.toggleReplay()
      this.exampleTimer = setTimeout(again, this.recorded.length * EXAMPLE_MS + EXAMPLE_REST_MS)
    }
    again()
  }

  // ---- drawing --------------------------------------------------------------------------------------

  // Draws with the screen's next frame: the named parts, or everything.
  redraw(...parts) {
    this.dirty ??= new Set()
    for (const part of parts.length ? parts : ["Status", "Curve", "Pictures", "Codes", "Scrubber"]) this.dirty.add(part)
    this.frameRequest ??= requestAnimationFrame(() => {
      const dirty = this.dirty
      this.frameRequest = this.dirty = null
      if (!this.box.clientWidth) return
      this.box.classList.toggle("narrow", this.box.clientWidth < NARROW)
      this.readTheme()
      for (const part of dirty) this[`draw${part}`]()
    })
  }

  readTheme() {
    this.theme = readTheme(this.host)
    for (const [name, key] of Object.entries(this.keys)) key.style.setProperty("--key", this.seriesColour(name))
  }

  seriesColour(name) {
    return this.theme.series[name] ?? this.theme.ink(name === "beside" ? 0.75 : 0.5)
  }

  drawStatus() {
    const { ui, run } = this
    const say = (element, text) => { if (element.textContent !== text) element.textContent = text }
    const words = {
      starting: "Starting …", training: "Training", paused: "Paused", finished: "Finished",
      diverged: "Diverged", failed: "Failed",
    }
    const share = run?.budget ? Math.min(1, run.step / run.budget) : 0
    ui.fill.style.width = `${100 * share}%`
    ui.bar.setAttribute("aria-valuenow", Math.round(100 * share))
    const phase = run?.example || run?.phase ? ` · ${run.example || run.phase}` : ""
    const state = run?.example ? "Example" : run ? (run.place ? "Queued" : words[run.status]) : "Ready"
    say(ui.state, this.broken ? "Connecting …" : state)
    say(ui.phase, phase)
    ui.state.dataset.status = run ? run.status : "none"
    const epochs = run?.budget ? run.budget / run.stepsPerEpoch : 0
    const total = run?.budgetInSteps && run.budget ? ` / ${run.budget.toLocaleString("en")}` : ""
    const of = total ? "" : ` / ${trim(epochs)}`
    say(ui.epoch, run?.budget ? `epoch ${(run.step / run.stepsPerEpoch).toFixed(1)}${of}` : "")
    say(ui.step, run ? `step ${run.step.toLocaleString("en")}${total}` : "")
    ui.step.dataset.step = run ? run.step : 0
    say(ui.rate, run?.rate ? `${short(run.rate)} images/s` : "")
    say(ui.left, run && run.secondsLeft !== null ? `${duration(run.secondsLeft)} left` : "")
    const message = run?.message ? [{ text: run.message, serious: true }] : []
    listNotices(ui.notices, [...message, ...(run?.findings ?? [])])
  }

  // ---- the curve ------------------------------------------------------------------------------------

  // What there is to choose from.
  measures() {
    const choice = ["mse"]
    if (!this.run || !this.curve) return choice
    if (!this.run.lossIsError) choice.push("loss")
    if (this.points(this.curve, "testEnergy").length > 1) choice.push("energy")
    return choice
  }

  points(curve, name) {
    const column = COLUMNS.indexOf(name)
    const list = []
    for (let i = 0; i < curve.length; i += COLUMNS.length) {
      const value = curve[i + column]
      if (Number.isFinite(value)) list.push([curve[i], value])
    }
    return list
  }

  series() {
    const choice = this.measures()
    const measure = choice.includes(this.ui.measure.value) ? this.ui.measure.value : "mse"
    const [train, test] = MEASURES[measure]
    const priced = this.run.penalty && measure !== "energy"
    return {
      train: this.points(this.curve, train),
      test: this.points(this.curve, test),
      beside: this.beside && measure !== "energy" ? this.points(this.beside.curve, test) : [],
      penalty: priced ? this.points(this.curve, "penalty") : [],
      pca: measure === "mse" ? this.run.pca : [],
      signed: measure === "energy",
    }
  }

  offerMeasures() {
    const choice = this.measures()
    const { measure, kind } = this.ui
    measure.hidden = choice.length < 2
    kind.hidden = !measure.hidden
    if (this.run) measure.querySelector("[value=loss]").textContent = `loss: ${this.run.loss}`
    for (const option of measure.options) option.hidden = option.disabled = !choice.includes(option.value)
    if (!choice.includes(measure.value)) measure.value = "mse"
    kind.textContent = this.run ? measure.selectedOptions[0].textContent : ""
  }

  drawCurve() {
    const { ctx, width, height } = prepare(this.curveCanvas)
    ctx.font = `12px ${this.theme.font}`
    this.offerMeasures()
    if (!this.run || !this.curve || this.curve.length < COLUMNS.length) {
      for (const key of Object.values(this.keys)) key.hidden = true
      this.ui.sample.textContent = ""
      hint(ctx, this.theme, width, height, this.run ? "" : "Press Train and watch the reconstruction error drop")
      this.curveScale = null
      return
    }
    const { train, test, beside, penalty, pca, signed } = this.series()
    // A free energy may be below zero.
    const log = this.ui.log.checked && !signed
    this.ui.log.disabled = signed
    const line = pca.length ? pca[pca.length - 1].mse : null
    const scale = curveScale([train, test, beside], [pca.map((p) => [p.step, p.mse]), penalty], log, signed)
    if (!scale) return
    const { low, high, at: part } = scale
    const last = Math.max(10, this.curve[this.curve.length - COLUMNS.length], ...beside.slice(-1).map((p) => p[0]))
    const box = { left: 52, top: 8, right: width - 8, bottom: height - 24 }
    const y = (v) => box.bottom - part(v) * (box.bottom - box.top)
    const x = (step) => box.left + (step / last) * (box.right - box.left)
    this.curveScale = { box, last }

    ctx.strokeStyle = this.theme.ink(0.1)
    ctx.fillStyle = this.theme.ink(0.65)
    ctx.lineWidth = 1
    ctx.textAlign = "right"
    ctx.textBaseline = "middle"
    for (const tick of log ? logTicks(low, high) : linearTicks(low, high, 5)) {
      rule(ctx, box.left, y(tick), box.right, y(tick))
      ctx.fillText(tickText(tick), box.left - 6, y(tick))
    }
    ctx.textBaseline = "top"
    for (const tick of linearTicks(0, last, width < 420 ? 3 : 5)) {
      ctx.textAlign = tick > last * 0.95 ? "right" : "center"
      ctx.fillText(tick === 0 ? "0" : tick.toLocaleString("en"), x(tick), box.bottom + 7)
    }
    ctx.textAlign = "left"
    if (width >= 420) ctx.fillText("step", box.left + 14, box.bottom + 7)

    ctx.save()
    ctx.beginPath()
    ctx.rect(box.left, box.top, box.right - box.left, box.bottom - box.top)
    ctx.clip()
    this.drawMarks(ctx, x, box)
    const curve = (points, name, width, dash = []) => {
      ctx.setLineDash(dash)
      stroke(ctx, points.map(([s, v]) => [x(s), y(v)]), this.seriesColour(name), width)
    }
    curve(penalty, "penalty", 1.5, [1.5, 3])
    curve(beside, "beside", 2, [10, 3, 2, 3])
    curve(train, "train", 1.5)
    curve(test, "test", 2.5)
    ctx.setLineDash([7, 5])
    pca.forEach(({ step, mse }, i) => {
      if (mse < low || mse > high) return
      const end = i + 1 < pca.length ? pca[i + 1].step : last
      stroke(ctx, [[x(step), y(mse)], [x(end), y(mse)]], this.theme.series.pca, 2)
    })
    ctx.setLineDash([])
    // A line that is not on the picture is not drawn at its edge, as if it were near; one that leaves it is told to.
    const tell = (text, below, colour, nth) => {
      ctx.fillStyle = colour
      ctx.textAlign = "right"
      ctx.textBaseline = below ? "bottom" : "top"
      ctx.fillText(`${text} ${below ? "below ↓" : "above ↑"}`, box.right - 2, below ? box.bottom - 3 - 15 * nth : box.top + 2 + 15 * nth)
    }
    if (line !== null && (line < low || line > high)) tell(`PCA-${this.run.codeUnits} is far`, line < low, this.theme.series.pca, 0)
    for (const below of [true, false]) {
      const leaves = penalty.some(([, v]) => (below ? v < low : v > high))
      if (leaves) tell(`${this.run.penalty}: part of the curve is far`, below, this.seriesColour("penalty"), 1)
    }
    const at = this.curveAt ?? (this.cursor === null ? null : this.recorded[this.cursor])
    if (at !== null) {
      ctx.strokeStyle = this.theme.accent
      ctx.lineWidth = 1.5
      rule(ctx, x(at), box.top, x(at), box.bottom)
    }
    ctx.restore()

    const valueAt = (points) => (at === null ? points.at(-1) : points[nearest(points.map((p) => p[0]), at)])
    this.label("train", valueAt(train)?.[1])
    this.label("test", valueAt(test)?.[1])
    this.ui.sample.textContent = this.sample(at)
    this.label("penalty", valueAt(penalty)?.[1], this.run.penalty)
    this.label("beside", valueAt(beside)?.[1], this.beside?.title)
    const pcaAt = at === null ? line : (pca.filter((p) => p.step <= at).at(-1) ?? pca[0])?.mse
    this.label("pca", pcaAt ?? undefined, `PCA-${this.run.codeUnits}`)
  }

  // The test images that the error at a step was measured on: where all would take too long, some.
  sample(at) {
    const frame = at === null || !this.recorded.length ? this.newest : this.frames.get(this.recorded[nearest(this.recorded, at)])
    const count = frame ? placedCount(frame.points) : 0
    return count ? `${count.toLocaleString("en")} test images` : ""
  }

  label(name, value, text) {
    const key = this.keys[name]
    key.hidden = value === undefined
    if (value !== undefined) key.querySelector("b").textContent = errorText(value)
    if (text) key.querySelector(".name").textContent = text
  }

  drawMarks(ctx, x, box) {
    ctx.textAlign = "left"
    ctx.textBaseline = "top"
    this.run.marks.forEach((mark, i) => {
      ctx.strokeStyle = this.theme.ink(0.45)
      ctx.setLineDash([2, 3])
      rule(ctx, x(mark.step), box.top, x(mark.step), box.bottom)
      ctx.setLineDash([])
      ctx.fillStyle = this.theme.ink(0.75)
      const wide = ctx.measureText(mark.text).width
      const right = x(mark.step) + 5 + wide > box.right
      ctx.textAlign = right ? "right" : "left"
      ctx.fillText(mark.text, x(mark.step) + (right ? -5 : 5), box.top + 2 + (i % 4) * 15)
    })
  }

  hoverCurve(event) {
    if (!this.curveScale) return
    const { box, last } = this.curveScale
    const part = (event.offsetX - box.left) / (box.right - box.left)
    this.curveAt = part < 0 || part > 1 ? null : part * last
    this.redraw("Curve")
  }

  // ---- the pictures ---------------------------------------------------------------------------------

  drawPictures() {
    const count = this.pictures?.shown ?? 0
    const frame = this.shown
    const rows = [["original", this.pictures?.probe, paintGrey, 1]]
    const seen = ["input", frame?.seen, paintGrey, 1]
    if (this.run?.corrupted) rows.push(seen)
    rows.push(["output", frame?.output, ...(this.run?.colour ? [paintColour, 3] : [paintGrey, 1])])
    if (this.pictures?.target) rows.push(["target", this.pictures.target, paintColour, 3])
    const perBlock = this.box.classList.contains("narrow") ? Math.ceil(count / 2) : count
    const blocks = perBlock ? Math.ceil(count / perBlock) : 0
    // A fourth row of pictures has its room from the canvases above, so that all of it stays in sight.
    this.box.style.setProperty("--rows", Math.max(3, rows.length))
    this.layBlocks(blocks, rows.map((row) => row[0]))
    this.ui.removed.hidden = !(rows.includes(seen) && frame?.mask)
    if (!this.ui.removed.hidden) paintMaskKey(this.ui.removed.querySelector("canvas"), this.theme)
    const gap = 2
    const wide = perBlock * (SIDE + gap) - gap
    const high = rows.length * (SIDE + gap) - gap
    const first = this.ui.blocks.querySelector("canvas")
    if (!first) return
    // Beside the names of the rows.
    const room = Math.min(this.ui.blocks.clientWidth - (first.offsetLeft - this.ui.blocks.offsetLeft), 1100)
    const ratio = devicePixelRatio || 1
    const whole = Math.floor((room * ratio) / wide) / ratio
    const scale = whole >= 1 ? Math.min(whole, 2.5 * Math.max(1, Math.floor(ratio)) ) : room / wide
    const exact = Math.max(1 / ratio, Math.floor(scale * ratio) / ratio)
    ;[...this.ui.blocks.children].forEach((block, b) => {
      const canvas = block.querySelector("canvas")
      if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high]
      canvas.style.width = `${wide * exact}px`
      canvas.style.height = `${high * exact}px`
      const ctx = canvas.getContext("2d")
      const image = ctx.createImageData(wide, high)
      rows.forEach(([, pixels, paint, planes], r) => {
        for (let c = 0; c < perBlock; c++) {
          const picture = b * perBlock + c
          if (picture >= count) break
          const at = [image, this.theme, c * (SIDE + gap), r * (SIDE + gap)]
          paint(...at, pixels, picture * planes * SIDE * SIDE)
          if (rows[r] === seen && frame?.mask) paintMask(...at, frame.mask, picture * SIDE * SIDE)
        }
      })
      ctx.putImageData(image, 0, 0)
    })
  }

  layBlocks(blocks, names) {
    const key = `${blocks}:${names.join()}`
    if (this.blocksLaid === key) return
    this.blocksLaid = key
    this.ui.blocks.replaceChildren(
      ...Array.from({ length: blocks }, () => {
        const block = element("div", "block")
        const rows = element("div", "rows")
        rows.append(...names.map((name) => Object.assign(element("span"), { textContent: name })))
        const canvas = element("canvas")
        canvas.setAttribute("role", "img")
        canvas.setAttribute("aria-label", `Test images: ${names.join(", ")}`)
        block.append(rows, canvas)
        return block
      }),
    )
  }

  // ---- the codes ------------------------------------------------------------------------------------

  drawCodes() {
    this.drawnTheme = this.themeName()
    const { ctx, width, height } = prepare(this.codesCanvas)
    ctx.font = `12px ${this.theme.font}`
    const frame = this.shown
    const count = frame ? frame.points.length / 2 : 0
    this.ui.about.textContent = this.about(frame ? placedCount(frame.points) : 0)
    if (!frame || !this.pictures) {
      hint(ctx, this.theme, width, height, this.run ? "" : "Each dot will be a test image at its latent code")
      this.placed = null
      return
    }
    const { points, range } = this.gliding(this.target(frame))
    const size = Math.min(width, height) - 36
    const stretch = Math.min((width - 36) / (range[2] - range[0]), (height - 36) / (range[3] - range[1]))
    const unit = Number.isFinite(stretch) && stretch > 0 ? stretch : size
    const middle = [(range[0] + range[2]) / 2, (range[1] + range[3]) / 2]
    const { labels, classes } = this.pictures
    const placed = new Float32Array(2 * count)
    for (let i = 0; i < count; i++) {
      placed[2 * i] = width / 2 + (points[2 * i] - middle[0]) * unit
      placed[2 * i + 1] = height / 2 - (points[2 * i + 1] - middle[1]) * unit
    }
    this.placed = placed
    const colour = (label) => this.theme.classes[label % this.theme.classes.length]
    const radius = width < 420 ? 2.4 : 3
    const byClass = Array.from(classes, () => [])
    for (let i = 0; i < count; i++) if (!Number.isNaN(placed[2 * i])) byClass[labels[i]]?.push(i)
    byClass.forEach((members, label) => {
      // A dot is drawn once and stamped: a thousand arcs a frame would keep a small machine from training.
      const stamp = dotStamp(colour(label), radius)
      for (const i of members) stamp(ctx, placed[2 * i], placed[2 * i + 1])
    })
    if (classes.length > 1) nameGroups(ctx, this.theme, { width, height }, classes, byClass, placed)
    this.showUnderPointer(ctx, width, height, colour)
  }

  about(count) {
    if (!this.run || !count) return ""
    const units = this.run.mapUnits
    const map = units === 2 ? "2-D code" : `${units.toLocaleString("en")}-D code, projected by PCA`
    return `${count.toLocaleString("en")} test images · ${map}`
  }

  // The frame to draw: its points, and the range that holds them.
  target(frame) {
    if (this.ranged?.points === frame.points) return this.ranged
    const axis = (k) => axisRange(frame.points, k, 2)
    const [x, y] = [axis(0), axis(1)]
    this.ranged = { points: frame.points, range: [x[0], y[0], x[1], y[1]] }
    return this.ranged
  }

  // Between two moments points move, so that the eye can follow them.
  gliding(target) {
    const now = performance.now()
    if (!this.glide || this.glide.from.points.length !== target.points.length || calm.matches) {
      this.glide = { from: target, to: target, began: now }
    } else if (this.glide.to.points !== target.points) {
      this.glide = { from: this.between(now), to: target, began: now }
    }
    const state = this.between(now)
    if (now - this.glide.began < GLIDE_MS && this.glide.from !== this.glide.to) {
      setTimeout(() => this.redraw("Codes"), GLIDE_FRAME_MS)
    }
    return state
  }

  between(now) {
    const { from, to, began } = this.glide
    const part = Math.min(1, (now - began) / GLIDE_MS)
    if (part >= 1) return to
    const ease = part * (2 - part)
    const mix = (a, b) => Float32Array.from(a, (value, i) => value + (b[i] - value) * ease)
    return { points: mix(from.points, to.points), range: mix(from.range, to.range) }
  }

  hoverCodes(event) {
    this.pointer = [event.offsetX, event.offsetY]
    this.redraw("Codes")
  }

  showUnderPointer(ctx, width, height, colour) {
    const best = this.pointer ? nearestPoint(this.placed, this.pointer) : -1
    if (best < 0) return
    const { probe, labels, classes } = this.pictures
    /** @type {Point} */
    const at = [this.placed[2 * best], this.placed[2 * best + 1]]
    const label = labels[best]
    showThumbnail(ctx, this.theme, { at, width, height, pixels: probe, index: best, colour: colour(label), name: classes[label] })
  }

  // ---- the scrubber ---------------------------------------------------------------------------------

  drawScrubber() {
    const { moment, when, follow, replay, scrub } = this.ui
    const last = this.recorded.length - 1
    scrub.style.visibility = last > 0 ? "visible" : "hidden"
    moment.max = Math.max(0, last)
    moment.value = this.cursor ?? last
    const step = this.shown?.step ?? 0
    when.textContent = `step ${step.toLocaleString("en")}`
    moment.setAttribute("aria-valuetext", when.textContent)
    follow.disabled = this.cursor === null
    showPlaying(replay, this.replaying)
    replay.setAttribute("aria-label", this.replaying ? "Stop the replay" : "Replay training")
  }
}

// ---- small things -----------------------------------------------------------------------------------

// How many of the points x, y are somewhere.
function placedCount(points) {
  let count = 0
  for (let i = 0; i < points.length; i += 2) if (!Number.isNaN(points[i])) count++
  return count
}

const trim = (value) => String(Number(value.toFixed(1)))
const short = (value) => (value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))} k` : value.toFixed(0))

function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
