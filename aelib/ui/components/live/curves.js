// Errors over the steps: of training and test, of PCA, of a run beside, and the penalty.

/**
 * What may be shown over the steps: the fields of training and test.
 *
 * @type {Record<string, [train: CurveField, test: CurveField]>}
 */
const MEASURES = {
  mse: ["train_mse", "test_mse"],
  loss: ["train_loss", "test_loss"],
  energy: ["train_free_energy", "test_free_energy"],
}

class Curves {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.canvas = one("canvas")
    this.ui = { measure: one(".measure"), kind: one(".kind"), sample: one(".sample"), log: one(".log"), logSteps: one(".log-steps") }
    this.keys = Object.fromEntries(["train", "test", "pca", "penalty", "beside"].map((name) => [name, one(`.key.${name}`)]))
    this.clear()
    const { measure, log, logSteps } = this.ui
    measure.onchange = log.onchange = logSteps.onchange = () => view.redraw("curves")
    this.canvas.onpointermove = (event) => this.hover(event)
    this.canvas.onpointerleave = () => { this.at = null; view.redraw("curves") }
    this.canvas.onclick = (event) => { this.hover(event); view.panels.scrubber.moveToStep(this.at) }
    this.canvas.onkeydown = (event) => view.panels.scrubber.key(event)
  }

  clear() {
    /** @type {number | null} the step under the pointer */
    this.at = null
    this.plot = null
  }

  hover(event) {
    if (!this.plot) return
    const { box, across } = this.plot
    const part = (event.offsetX - box.left) / (box.right - box.left)
    this.at = part < 0 || part > 1 ? null : across.step(part)
    this.view.redraw("curves")
  }

  // ---- what is drawn --------------------------------------------------------------------------------

  // What there is to choose from.
  measures() {
    const { run, curve } = this.view.recording
    const choice = ["mse"]
    if (!run || !curve) return choice
    if (!run.lossIsError) choice.push("loss")
    if (measured(curve, "test_free_energy").length > 1) choice.push("energy")
    return choice
  }

  series() {
    const { run, curve, beside } = this.view.recording
    const choice = this.measures()
    const measure = choice.includes(this.ui.measure.value) ? this.ui.measure.value : "mse"
    const [train, test] = MEASURES[measure]
    return {
      train: measured(curve, train),
      test: measured(curve, test),
      beside: beside && measure !== "energy" ? measured(beside.curve, test) : [],
      penalty: run.penalty && measure !== "energy" ? measured(curve, "penalty") : [],
      pca: measure === "mse" ? run.pca : [],
      signed: measure === "energy",
    }
  }

  offerMeasures() {
    const { run } = this.view.recording
    const choice = this.measures()
    const { measure, kind } = this.ui
    measure.hidden = choice.length < 2
    kind.hidden = !measure.hidden
    if (run) measure.querySelector("[value=loss]").textContent = `loss: ${run.loss}`
    for (const option of measure.options) option.hidden = option.disabled = !choice.includes(option.value)
    if (!choice.includes(measure.value)) measure.value = "mse"
    kind.textContent = run ? measure.selectedOptions[0].textContent : ""
  }

  colour(name) {
    const { theme } = this.view
    return theme.series[name] ?? theme.ink(name === "beside" ? 0.75 : 0.5)
  }

  // ---- drawing --------------------------------------------------------------------------------------

  draw() {
    const { theme, recording } = this.view
    const { run, curve } = recording
    const { ctx, width, height } = prepare(this.canvas)
    ctx.font = theme.font(12)
    for (const [name, key] of Object.entries(this.keys)) key.style.setProperty("--key", this.colour(name))
    this.offerMeasures()
    if (!run || !curve?.step.length) {
      for (const key of Object.values(this.keys)) key.hidden = true
      this.ui.sample.textContent = ""
      hint(ctx, theme, width, height, run ? "" : "Press Train and watch the reconstruction error drop")
      this.plot = null
      return
    }
    const series = this.series()
    const { train, test, beside, penalty, pca, signed } = series
    // A free energy may be below zero.
    const log = this.ui.log.checked && !signed
    this.ui.log.disabled = signed
    const scale = curveScale([train, test, beside], [pca.map((p) => [p.step, p.mse]), penalty], log, signed)
    if (!scale) return
    const last = Math.max(10, curve.step[curve.step.length - 1], ...beside.slice(-1).map((p) => p[0]))
    const box = { left: 52, top: 8, right: width - 8, bottom: height - 24 }
    const across = stepScale(last, this.ui.logSteps.checked)
    const x = (step) => box.left + across.part(step) * (box.right - box.left)
    const y = (v) => box.bottom - scale.at(v) * (box.bottom - box.top)
    this.plot = { box, last, x, y, scale, log, across }
    this.drawAxes(ctx, width)
    ctx.save()
    ctx.beginPath()
    ctx.rect(box.left, box.top, box.right - box.left, box.bottom - box.top)
    ctx.clip()
    this.drawMarks(ctx)
    this.drawSeries(ctx, series)
    this.tellWhatLeaves(ctx, series)
    const at = this.at ?? recording.shownStep
    if (at !== null) {
      ctx.strokeStyle = theme.accent
      ctx.lineWidth = 1.5
      rule(ctx, x(at), box.top, x(at), box.bottom)
    }
    ctx.restore()
    this.labelAll(series, at)
  }

  drawAxes(ctx, width) {
    const { theme } = this.view
    const { box, x, y, scale, log, across } = this.plot
    ctx.strokeStyle = theme.ink(0.1)
    ctx.fillStyle = theme.ink(0.65)
    ctx.lineWidth = 1
    ctx.textAlign = "right"
    ctx.textBaseline = "middle"
    for (const tick of log ? logTicks(scale.low, scale.high) : linearTicks(scale.low, scale.high, 5)) {
      rule(ctx, box.left, y(tick), box.right, y(tick))
      ctx.fillText(tickText(tick), box.left - 6, y(tick))
    }
    ctx.textBaseline = "top"
    for (const tick of across.ticks(width < 420 ? 3 : 5)) {
      ctx.textAlign = across.part(tick) > 0.95 ? "right" : "center"
      ctx.fillText(tick === 0 ? "0" : tick.toLocaleString("en"), x(tick), box.bottom + 7)
    }
    ctx.textAlign = "left"
    if (width >= 420) ctx.fillText("step", box.left + 14, box.bottom + 7)
  }

  drawMarks(ctx) {
    const { theme, recording } = this.view
    const { box, x } = this.plot
    ctx.textAlign = "left"
    ctx.textBaseline = "top"
    recording.run.marks.forEach((mark, i) => {
      ctx.strokeStyle = theme.ink(0.45)
      ctx.setLineDash([2, 3])
      rule(ctx, x(mark.step), box.top, x(mark.step), box.bottom)
      ctx.setLineDash([])
      ctx.fillStyle = theme.ink(0.75)
      const wide = ctx.measureText(mark.text).width
      const right = x(mark.step) + 5 + wide > box.right
      ctx.textAlign = right ? "right" : "left"
      ctx.fillText(mark.text, x(mark.step) + (right ? -5 : 5), box.top + 2 + (i % 4) * 15)
    })
  }

  drawSeries(ctx, { train, test, beside, penalty, pca }) {
    const { last, x, y, scale } = this.plot
    const curve = (points, name, width, dash = []) => {
      ctx.setLineDash(dash)
      stroke(ctx, points.map(([s, v]) => [x(s), y(v)]), this.colour(name), width)
    }
    curve(penalty, "penalty", 1.5, [1.5, 3])
    curve(beside, "beside", 2, [10, 3, 2, 3])
    curve(train, "train", 1.5)
    curve(test, "test", 2.5)
    ctx.setLineDash([7, 5])
    pca.forEach(({ step, mse }, i) => {
      if (mse < scale.low || mse > scale.high) return
      const end = i + 1 < pca.length ? pca[i + 1].step : last
      stroke(ctx, [[x(step), y(mse)], [x(end), y(mse)]], this.colour("pca"), 2)
    })
    ctx.setLineDash([])
  }

  // A line that is not on the plot is not drawn at its edge, as if it were near; one that leaves it is told to.
  tellWhatLeaves(ctx, { penalty, pca }) {
    const { run } = this.view.recording
    const { box, scale: { low, high } } = this.plot
    const tell = (text, below, colour, nth) => {
      ctx.fillStyle = colour
      ctx.textAlign = "right"
      ctx.textBaseline = below ? "bottom" : "top"
      ctx.fillText(`${text} ${below ? "below ↓" : "above ↑"}`, box.right - 2, below ? box.bottom - 3 - 15 * nth : box.top + 2 + 15 * nth)
    }
    const line = pca.at(-1)?.mse
    if (line < low || line > high) tell(`PCA-${run.codeUnits} is far`, line < low, this.colour("pca"), 0)
    for (const below of [true, false]) {
      const leaves = penalty.some(([, v]) => (below ? v < low : v > high))
      if (leaves) tell(`${run.penalty}: part of the curve is far`, below, this.colour("penalty"), 1)
    }
  }

  // ---- the legend -----------------------------------------------------------------------------------

  // The values at a step, or the newest for null.
  labelAll({ train, test, beside, penalty, pca }, at) {
    const { recording } = this.view
    const { run } = recording
    const valueAt = (points) => (at === null ? points.at(-1) : points[nearest(points.map((p) => p[0]), at)])?.[1]
    this.label("train", valueAt(train))
    this.label("test", valueAt(test))
    this.label("penalty", valueAt(penalty), run.penalty)
    this.label("beside", valueAt(beside), recording.beside?.title)
    const line = at === null ? pca.at(-1) : (pca.filter((p) => p.step <= at).at(-1) ?? pca[0])
    this.label("pca", line?.mse, `PCA-${run.codeUnits}`)
    // The test images that the error was measured on: where all would take too long, some.
    const frame = recording.frameAt(at)
    const count = frame ? placedCount(frame.points) : 0
    this.ui.sample.textContent = count ? `${count.toLocaleString("en")} test images` : ""
  }

  label(name, value, text = "") {
    const key = this.keys[name]
    key.hidden = value === undefined
    if (value !== undefined) key.querySelector("b").textContent = errorText(value)
    if (text) key.querySelector(".name").textContent = text
  }
}

/**
 * The points [step, value] of a curve at which a field was measured.
 *
 * @param {Curve} curve
 * @param {CurveField} field
 */
function measured(curve, field) {
  const points = []
  for (let i = 0; i < curve.step.length; i++) {
    const value = curve[field][i]
    if (Number.isFinite(value)) points.push([curve.step[i], value])
  }
  return points
}
