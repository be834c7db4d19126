// How far a score tells anomalous images from normal ones: both distributions with a threshold to drag, and what comes
// of it. Python sends the scores; everything that depends on the threshold is computed here, while the hand moves.

const REST_MS = 150
// A page that has not answered after so long has lost what it was told.
const FORGOTTEN_MS = 2500
const BINS = 60
const NARROW = 900
const MARGIN = { left: 12, right: 12, top: 22, bottom: 34 }
// A longer tail than this, in medians of the normal scores, is drawn on a logarithmic axis.
const LONG_TAIL = 20
// Fewer images are lines, not a distribution.
const FEW = 6
const RULES = { alarms: "false-alarm rate", quantile: "share of images flagged", cost: "cost of the two errors", hand: "hand" }

export default mounting((root) => new Detector(root), (view, component) => {
  view.send = (rule) => component.setStateValue("rule", rule)
  if (component.data instanceof Uint8Array) view.receive(unpack(component.data))
})

class Detector {
  constructor(root) {
    const one = (selector) => root.querySelector(selector)
    this.host = root.host ?? root
    this.box = one(".detector")
    this.canvas = one(".spread canvas")
    this.ui = {
      title: one(".title"), normal: one(".legend.normal"), anomalous: one(".legend.anomalous"), by: one(".by"),
      input: one("input"), value: one("output"), roc: one(".roc"), pr: one(".pr"), rocArea: one(".roc-area"), prArea: one(".pr-area"),
      hits: one(".hits"), missed: one(".missed"), alarms: one(".alarms"), passed: one(".passed"), figures: one(".figures"),
      flagged: one(".flagged"), normalTitle: one(".normal-title"), anomalousTitle: one(".anomalous-title"),
    }
    /** @type {(rule: { by: string, value: number }) => void} */
    this.send = () => {}
    // What the page was told and has not answered yet.
    this.sent = null
    this.ui.by.replaceChildren(...Object.entries(RULES).map(([by, text]) => Object.assign(element("option"), { value: by, textContent: text })))
    this.ui.by.onchange = () => this.choose(this.ui.by.value)
    this.ui.input.oninput = () => this.set({ by: this.rule.by, value: this.told.options[this.rule.by][this.ui.input.value] })
    this.canvas.onpointerdown = (event) => this.grab(event)
    this.canvas.onkeydown = (event) => this.key(event)
    this.observer = new ResizeObserver(() => this.draw())
    this.observer.observe(this.box)
  }

  close() {
    clearTimeout(this.resting)
    cancelAnimationFrame(this.frame)
    this.observer.disconnect()
  }

  receive({ header, array }) {
    this.told = header
    const [normal, anomalous] = [array(header.normal), array(header.anomalous)]
    const every = Float32Array.from([...normal, ...anomalous]).sort()
    this.scores = { normal, anomalous, every }
    this.points = operatingPoints(this.scores)
    this.axis = axisOf(this.scores)
    // Older than what the hand did since; the page will be drawn for that, too.
    const same = this.sent && header.rule.by === this.sent.rule.by && header.rule.value === this.sent.rule.value
    if (!this.sent || same || performance.now() - this.sent.since > FORGOTTEN_MS) {
      this.sent = null
      this.rule = header.rule
    }
    this.draw()
  }

  // ---- the hand -------------------------------------------------------------------------------------

  choose(by) {
    if (by === "hand") this.set({ by, value: this.clamped(this.threshold) })
    else this.set({ by, value: this.told.usual[by] })
  }

  set(rule) {
    this.rule = rule
    this.sent = { rule, since: performance.now() }
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => this.draw())
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.send(rule), REST_MS)
  }

  grab(event) {
    const drag = ({ clientX }) => {
      const box = this.canvas.getBoundingClientRect()
      const share = (clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right)
      this.set({ by: "hand", value: this.axis.value(Math.min(1, Math.max(0, share))) })
    }
    this.canvas.setPointerCapture(event.pointerId)
    this.canvas.onpointermove = drag
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { this.canvas.onpointermove = null }
    drag(event)
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    const share = this.axis.at(this.clamped(this.threshold)) + step / 100
    this.set({ by: "hand", value: this.axis.value(Math.min(1, Math.max(0, share))) })
  }

  clamped(threshold) {
    return Math.min(this.axis.high, Math.max(this.axis.low, threshold))
  }

  // ---- drawing --------------------------------------------------------------------------------------

  draw() {
    if (!this.told || !this.box.clientWidth) return
    this.theme = readTheme(this.host)
    this.box.classList.toggle("narrow", this.box.clientWidth < NARROW)
    this.threshold = thresholdOf(this.rule, this.scores)
    const { normal, anomalous } = this.scores
    const [alarms, hits] = [above(normal, this.threshold), above(anomalous, this.threshold)]
    this.count = { alarms, hits, missed: anomalous.length - hits, passed: normal.length - alarms }
    // Of a single image there is nothing to be counted.
    this.single = anomalous.length === 1
    this.box.classList.toggle("single", this.single)
    this.drawSpread()
    if (!this.single) this.drawCurves()
    this.write()
  }

  drawCurves() {
    this.drawCurve(this.ui.roc, 0, 1, ["false-alarm rate", "anomalies found"])
    this.drawCurve(this.ui.pr, 1, 2, ["anomalies found (recall)", "precision"])
  }

  write() {
    const { ui, told, rule } = this
    const { alarms, hits, missed, passed } = this.count
    const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : "–")
    const cell = (part, whole) => `${part.toLocaleString("en")} (${percent(part, whole)})`
    ui.title.textContent = told.name
    for (const group of ["normal", "anomalous"]) {
      ui[group].style.setProperty("--group", this.theme.groups[group])
      ui[group].textContent = told.titles[group]
    }
    ui.normalTitle.textContent = `${(alarms + passed).toLocaleString("en")} normal`
    ui.anomalousTitle.textContent = `${(hits + missed).toLocaleString("en")} anomalous`
    ui.hits.textContent = cell(hits, hits + missed)
    ui.missed.textContent = cell(missed, hits + missed)
    ui.alarms.textContent = cell(alarms, alarms + passed)
    ui.passed.textContent = cell(passed, alarms + passed)
    ui.figures.textContent = `Threshold ${scoreText(this.threshold)} · precision ${percent(hits, hits + alarms)} · recall ${percent(hits, hits + missed)}`
    ui.rocArea.textContent = `AUROC ${told.auroc}`
    ui.prArea.textContent = `average precision ${told.averagePrecision}`
    const flagged = hits ? "flagged" : "not flagged"
    ui.flagged.textContent = this.single ? `${told.titles.anomalous}: ${scoreText(this.scores.anomalous[0])}, ${flagged} at the threshold ${scoreText(this.threshold)}` : ""
    // What an error costs on the whole takes known anomalies.
    for (const option of ui.by.options) option.hidden = option.disabled = this.single && option.value === "cost"
    ui.by.value = rule.by
    const options = told.options[rule.by]
    ui.input.hidden = !options
    if (options) {
      ui.input.max = options.length - 1
      ui.input.value = nearest(options, rule.value)
      ui.input.setAttribute("aria-label", RULES[rule.by])
    }
    ui.value.textContent = ruleText(rule)
    ui.input.setAttribute("aria-valuetext", ruleText(rule))
    const { low, high } = this.axis
    for (const [name, value] of Object.entries({ min: low, max: high, now: this.clamped(this.threshold) })) {
      this.canvas.setAttribute(`aria-value${name}`, String(value))
    }
    const found = this.single ? `${told.titles.anomalous} is ${flagged};` : `${hits} of ${hits + missed} anomalies and`
    this.canvas.setAttribute("aria-valuetext", `${scoreText(this.threshold)}: ${found} ${alarms} of ${alarms + passed} normal images are flagged`)
  }

  drawSpread() {
    const { ctx, width, height } = prepare(this.canvas)
    const { theme, axis, scores } = this
    const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom]
    const x = (value) => left + axis.at(value) * (right - left)
    const line = x(this.clamped(this.threshold))
    ctx.fillStyle = theme.ink(0.05)
    ctx.fillRect(line, top, right - line, bottom - top)
    const groups = ["normal", "anomalous"].map((group) => ({ group, bars: binned(scores[group], axis) }))
    const most = Math.max(...groups.filter(({ group }) => scores[group].length >= FEW).flatMap(({ bars }) => bars), 1e-9)
    for (const { group, bars } of groups) {
      const colour = theme.groups[group]
      if (scores[group].length < FEW) {
        ctx.strokeStyle = colour
        ctx.lineWidth = 3
        for (const score of scores[group]) rule(ctx, x(score), top + 8, x(score), bottom)
        continue
      }
      const step = (right - left) / BINS
      ctx.beginPath()
      ctx.moveTo(left, bottom)
      bars.forEach((share, i) => {
        const y = bottom - (share / most) * (bottom - top - 6)
        ctx.lineTo(left + i * step, y)
        ctx.lineTo(left + (i + 1) * step, y)
      })
      ctx.lineTo(right, bottom)
      ctx.globalAlpha = 0.32
      ctx.fillStyle = ctx.strokeStyle = colour
      ctx.fill()
      ctx.globalAlpha = 1
      ctx.lineWidth = 1.5
      ctx.stroke()
    }
    ctx.strokeStyle = theme.ink(0.4)
    ctx.lineWidth = 1
    rule(ctx, left, bottom, right, bottom)
    ctx.fillStyle = theme.ink(0.75)
    ctx.font = theme.font(12)
    ctx.textBaseline = "top"
    ctx.textAlign = "center"
    for (const tick of axis.ticks(width < 420 ? 3 : 6)) {
      rule(ctx, x(tick), bottom, x(tick), bottom + 4)
      ctx.fillText(tickText(tick), Math.min(right - 8, Math.max(left + 8, x(tick))), bottom + 6)
    }
    ctx.fillText(`${this.told.name}${axis.log ? " (logarithmic axis)" : ""}`, (left + right) / 2, bottom + 20, right - left)
    this.drawThreshold(ctx, line, { left, right, top, bottom })
  }

  drawThreshold(ctx, line, { left, right, top, bottom }) {
    const { theme } = this
    ctx.strokeStyle = ctx.fillStyle = theme.accent
    ctx.lineWidth = 2
    rule(ctx, line, top - 4, line, bottom)
    ctx.beginPath()
    ctx.arc(line, (top + bottom) / 2, 7, 0, 7)
    ctx.fill()
    ctx.font = theme.font(12, 600)
    ctx.textBaseline = "alphabetic"
    const [before, after] = ["◂ passes as normal", "flagged ▸"]
    ctx.fillStyle = theme.ink(0.8)
    const middle = meeting(line, [left, right], [ctx.measureText(before).width, ctx.measureText(after).width])
    ctx.textAlign = "right"
    ctx.fillText(before, middle - LABEL_GAP, top - 8)
    ctx.textAlign = "left"
    ctx.fillText(after, middle + LABEL_GAP, top - 8)
  }

  // A curve of two of the three numbers of each operating point, and the present one on it.
  drawCurve(canvas, across, up, [below, beside]) {
    const { ctx, width, height } = prepare(canvas)
    const { theme } = this
    const [left, right, top, bottom] = [34, width - 8, 6, height - 32]
    const place = (point) => [left + point[across] * (right - left), bottom - point[up] * (bottom - top)]
    ctx.strokeStyle = theme.ink(0.25)
    ctx.lineWidth = 1
    ctx.strokeRect(left, top, right - left, bottom - top)
    ctx.setLineDash([3, 3])
    const { normal, anomalous } = this.scores
    const chance = anomalous.length / (normal.length + anomalous.length)
    if (up === 1) rule(ctx, left, bottom, right, top)
    else rule(ctx, left, bottom - chance * (bottom - top), right, bottom - chance * (bottom - top))
    ctx.setLineDash([])
    stroke(ctx, this.points.map(place), theme.series.test, 2)
    const { alarms, hits } = this.count
    const present = [alarms / normal.length, hits / anomalous.length, hits + alarms ? hits / (hits + alarms) : 1]
    ctx.fillStyle = theme.accent
    ctx.strokeStyle = `rgb(${theme.background.join(",")})`
    ctx.lineWidth = 2
    const [x, y] = place(present)
    ctx.beginPath()
    ctx.arc(x, y, 6, 0, 7)
    ctx.fill()
    ctx.stroke()
    ctx.fillStyle = theme.ink(0.75)
    ctx.font = theme.font(12)
    ctx.textBaseline = "top"
    ctx.textAlign = "left"
    ctx.fillText("0", left, bottom + 3)
    ctx.textAlign = "right"
    ctx.fillText("1", right, bottom + 3)
    ctx.textAlign = "center"
    ctx.fillText(below, (left + right) / 2, bottom + 16, right - left)
    ctx.save()
    ctx.translate(4, (top + bottom) / 2)
    ctx.rotate(-Math.PI / 2)
    ctx.fillText(beside, 0, 0, bottom - top)
    ctx.restore()
    ctx.textAlign = "right"
    ctx.textBaseline = "middle"
    ctx.fillText("1", left - 4, top + 6)
    ctx.fillText("0", left - 4, bottom - 6)
    const said = (value) => value.toFixed(3)
    canvas.setAttribute("aria-label", `${beside} against ${below}; at the threshold ${said(present[up])} and ${said(present[across])}`)
  }
}

// The axis of the scores: its ends, where a value lies on it, from 0 to 1, and the inverse of that.
function axisOf({ normal, every }) {
  let [low, high] = [every[0], every[every.length - 1]]
  const log = low >= 0 && high > LONG_TAIL * normal[normal.length >> 1] && high > 0
  if (log) {
    low = every.find((score) => score > high / 1e5)
    low /= 1.1
    high *= 1.1
    return {
      low, high, log,
      at: (value) => Math.max(0, Math.log(Math.max(value, 1e-30) / low) / Math.log(high / low)),
      value: (share) => low * (high / low) ** share,
      ticks: () => logTicks(low, high),
    }
  }
  const margin = 0.02 * (high - low) || 0.5
  ;[low, high] = [low - margin, high + margin]
  return {
    low, high, log,
    at: (value) => (value - low) / (high - low),
    value: (share) => low + share * (high - low),
    ticks: (count) => linearTicks(low, high, count),
  }
}

// Shares of the scores in equal parts of the axis.
function binned(scores, axis) {
  const bins = new Array(BINS).fill(0)
  for (const score of scores) bins[Math.min(BINS - 1, Math.floor(axis.at(score) * BINS))] += 1 / scores.length
  return bins
}

function scoreText(score) {
  if (score === -Infinity) return "below all scores"
  return Math.abs(score) >= 100 ? score.toFixed(0) : String(Number(score.toPrecision(3)))
}

function ruleText({ by, value }) {
  if (by === "hand") return `threshold ${scoreText(value)}`
  if (by === "alarms") return `at most ${value} % false alarms`
  if (by === "quantile") return `the most suspicious ${value} %`
  if (value === 1) return "a miss costs as much as a false alarm"
  return value > 1 ? `a miss costs as much as ${value} false alarms` : `a false alarm costs as much as ${Math.round(1 / value)} misses`
}
