// A slider whose every movement others can follow at once. The page hears of it when the hand rests.

const REST_MS = 120
// A page that has not answered after so long has lost what it was told.
const FORGOTTEN_MS = 2500

export default mounting((root) => new Slider(root), (view, component) => {
  view.send = (index) => component.setStateValue("chosen", index)
  view.receive(component.data)
})

class Slider {
  constructor(root) {
    const one = (selector) => root.querySelector(selector)
    /** @type {(index: number) => void} */
    this.send = () => {}
    this.input = one("input")
    this.ui = { name: one(".name"), value: one("output"), low: one(".low"), high: one(".high") }
    // What the page was told and has not answered yet.
    this.sent = null
    this.input.oninput = () => this.moved()
  }

  close() {
    clearTimeout(this.resting)
  }

  receive(told) {
    const changed = this.told === undefined || told.name !== this.told.name || told.options.join() !== this.told.options.join()
    this.told = told
    const { input, ui } = this
    if (changed) this.sent = null
    if (this.sent !== null) {
      // Older than what the hand did since; the page will be drawn for that, too.
      if (told.chosen !== this.sent.index && performance.now() - this.sent.since < FORGOTTEN_MS) return
      this.sent = null
    }
    ui.name.textContent = told.label
    ui.low.textContent = told.options[0]
    ui.high.textContent = told.options.at(-1)
    input.max = told.options.length - 1
    input.setAttribute("aria-label", told.label)
    input.title = told.help
    input.value = told.chosen
    this.write()
  }

  write() {
    const option = this.told.options[this.input.value]
    this.ui.value.textContent = option
    this.input.setAttribute("aria-valuetext", option)
  }

  moved() {
    this.write()
    const index = Number(this.input.value)
    this.sent = { index, since: performance.now() }
    const message = this.told.messages[index]
    tellHand(this.told.name, () => ({ message, at: message }))
    // Those who follow go first: drawing the page anew would keep the server busy meanwhile.
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.send(index), REST_MS)
  }
}
