// Which of the recorded steps is looked at: a slider, keys, and a replay.

// Between two steps of a replay; and of the example, which is replayed again and again until somebody takes over.
const REPLAY_MS = 120
const EXAMPLE_MS = 330
const EXAMPLE_REST_MS = 3000
// Where training is watched, so long for each of the first steps, and for each later one.
const WATCH_MS = 380
const WATCH_LATER_MS = 140
const FIRST_STEPS = 50

class Scrubber {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.root = root
    this.ui = { moment: one(".moment"), when: one(".when"), follow: one(".follow"), replay: one(".replay") }
    /** @type {HTMLSelectElement} */
    this.pace = view.box.querySelector(".pace select")
    this.pace.onchange = () => this.watch()
    this.stop()
    const { moment, follow, replay } = this.ui
    moment.oninput = () => this.moveTo(Number(moment.value))
    follow.onclick = () => { this.moveTo(null); moment.focus() }
    replay.onclick = () => this.toggleReplay()
  }

  // Ends whatever moves by itself.
  stop() {
    clearInterval(this.replaying)
    clearTimeout(this.exampleTimer)
    clearTimeout(this.watching)
    // The last step that was watched.
    this.watched = -1
    /** @type {boolean | null} had the run come far when it was first seen? Null until it is seen */
    this.joinedLate = null
    this.replaying = this.watching = null
    this.examplePlays = false
  }

  moveTo(index) {
    this.view.recording.moveTo(index)
    this.view.redraw()
  }

  moveToStep(step) {
    const { steps } = this.view.recording
    if (step !== null && steps.length) this.moveTo(nearest(steps, step))
  }

  key(event) {
    // The browser's own ways, such as Alt and an arrow for the page before.
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const { steps, cursor } = this.view.recording
    const last = steps.length - 1
    const now = cursor ?? last
    const move = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last, PageUp: now - 10, PageDown: now + 10 }
    if (last > 0 && event.key in move) {
      event.preventDefault()
      this.moveTo(move[event.key])
    }
  }

  // ---- watching -------------------------------------------------------------------------------------

  // Shows one recorded step after the other, up to the newest, while the run trains or has just ended.
  watch() {
    const { recording } = this.view
    const { steps, run } = recording
    if (this.watching || this.replaying || !run || run.example) return
    this.joinedLate ??= steps.length > 8
    if (this.pace.value !== "watch" || recording.cursor !== null || (this.watched < 0 && this.joinedLate)) {
      this.watched = steps.at(-1) ?? -1
      return
    }
    const next = steps.findIndex((step) => step > this.watched)
    if (next < 0) return
    this.watched = steps[next]
    recording.moveTo(next)
    const newest = recording.cursor === null
    this.view.redraw()
    if (newest) return
    this.watching = setTimeout(() => {
      this.watching = null
      // A hand has moved on meanwhile.
      if (recording.shownStep === this.watched) recording.cursor = null
      this.watch()
      this.view.redraw()
    }, this.watched < FIRST_STEPS ? WATCH_MS : WATCH_LATER_MS)
  }

  // ---- replaying ------------------------------------------------------------------------------------

  toggleReplay() {
    const { recording } = this.view
    if (this.replaying) {
      clearInterval(this.replaying)
      this.replaying = null
    } else {
      this.moveTo(recording.cursor ?? 0)
      if (recording.cursor === null) return
      this.replaying = setInterval(() => {
        // At "now" it has come to its end, however it came there.
        if (recording.cursor !== null) this.moveTo(recording.cursor + 1)
        if (recording.cursor === null) this.toggleReplay()
      }, recording.run.example ? EXAMPLE_MS : REPLAY_MS)
    }
    this.view.redraw()
  }

  // The button that ends a replay does so itself.
  takeOver(event) {
    if (this.untouched && this.replaying && event.target !== this.ui.replay) this.toggleReplay()
    this.untouched = false
  }

  // What nobody asked for moves by itself only until a hand is on it, and not where people want no motion.
  playExample() {
    const { recording } = this.view
    if (!recording.run?.example || this.examplePlays || calm.matches) return
    this.examplePlays = this.untouched = true
    const again = () => {
      if (!this.untouched || !recording.run?.example) return
      recording.cursor = 0
      this.toggleReplay()
      this.exampleTimer = setTimeout(again, recording.steps.length * EXAMPLE_MS + EXAMPLE_REST_MS)
    }
    again()
  }

  // ---- drawing --------------------------------------------------------------------------------------

  draw() {
    const { moment, when, follow, replay } = this.ui
    const { steps, cursor, shown } = this.view.recording
    const last = steps.length - 1
    this.root.style.visibility = last > 0 ? "visible" : "hidden"
    moment.max = Math.max(0, last)
    moment.value = cursor ?? last
    when.textContent = `step ${(shown?.step ?? 0).toLocaleString("en")}`
    moment.setAttribute("aria-valuetext", when.textContent)
    follow.disabled = cursor === null
    showPlaying(replay, this.replaying)
    replay.setAttribute("aria-label", this.replaying ? "Stop the replay" : "Replay training")
  }
}
