// How far the run has come, in one line above everything.

const STATUS = {
  starting: "Starting …", training: "Training", paused: "Paused", finished: "Finished", diverged: "Diverged", failed: "Failed",
}

class Status {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.ui = {
      fill: one(".fill"), bar: one(".bar"), state: one(".state"), phase: one(".phase"), epoch: one(".epoch"), step: one(".step"),
      rate: one(".rate"), left: one(".left"), notices: one(".notices"), remedy: one(".remedy"), pace: one(".pace"),
    }
    this.ui.remedy.onclick = () => view.tell("edit", { action: this.ui.remedy.dataset.action })
  }

  draw() {
    const { ui } = this
    const { run, shown } = this.view.recording
    // The example is not at its end while it is replayed.
    const step = (run?.example && shown ? shown.step : run?.step) ?? 0
    const say = (element, text) => { if (element.textContent !== text) element.textContent = text }
    const share = run?.budget ? Math.min(1, step / run.budget) : 0
    ui.fill.style.width = `${100 * share}%`
    ui.bar.setAttribute("aria-valuenow", Math.round(100 * share))
    const phase = run?.example || run?.phase ? ` · ${run.example || run.phase}` : ""
    const state = run?.example ? "Example" : run ? (run.place ? "Queued" : STATUS[run.status]) : "Ready"
    say(ui.state, this.view.broken ? "Connecting …" : state)
    say(ui.phase, phase)
    ui.state.dataset.status = run ? run.status : "none"
    const epochs = run?.budget ? run.budget / run.stepsPerEpoch : 0
    const total = run?.budgetInSteps && run.budget ? ` / ${run.budget.toLocaleString("en")}` : ""
    const of = total ? "" : ` / ${trim(epochs)}`
    say(ui.epoch, run?.budget ? `epoch ${(step / run.stepsPerEpoch).toFixed(1)}${of}` : "")
    say(ui.step, run ? `step ${step.toLocaleString("en")}${total}` : "")
    ui.step.dataset.step = step
    say(ui.rate, run?.rate ? `${short(run.rate)} images/s` : "")
    say(ui.left, run && run.secondsLeft !== null ? `${duration(run.secondsLeft)} left` : "")
    ui.pace.hidden = Boolean(run?.example)
    const remedy = run?.findings.find((finding) => finding.remedy)?.remedy ?? ""
    ui.remedy.hidden = !remedy
    ui.remedy.dataset.action = remedy
    const message = run?.message ? [{ text: run.message, serious: true, remedy: "" }] : []
    listNotices(ui.notices, [...message, ...(run?.findings ?? [])])
  }
}

const trim = (value) => String(Number(value.toFixed(1)))
const short = (value) => (value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))} k` : value.toFixed(0))

function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
