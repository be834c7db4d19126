// How many of the code's units are active, where a penalty asks for few: a strip under the map, a cell a unit.

class Sparsity {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.root = root
    this.canvas = one("canvas")
    this.said = one(".said-of-units")
    this.canvas.onpointermove = (event) => { this.pointer = event.offsetX; view.redraw("codes") }
    this.canvas.onpointerleave = () => { this.pointer = null; view.redraw("codes") }
  }

  draw() {
    const { theme, recording } = this.view
    const activity = recording.shown?.activity
    this.root.hidden = !activity
    if (!activity) return
    const { shares, mean } = activity
    const { ctx, width, height } = prepare(this.canvas)
    const cell = width / shares.length
    shares.forEach((share, i) => {
      ctx.fillStyle = theme.ink(0.07)
      ctx.fillRect(i * cell, 0, cell - (cell > 4 ? 1 : 0), height)
      ctx.globalAlpha = share
      ctx.fillStyle = theme.accent
      ctx.fillRect(i * cell, 0, cell - (cell > 4 ? 1 : 0), height)
      ctx.globalAlpha = 1
    })
    const units = recording.run.codeUnits
    const pointed = this.pointer == null ? -1 : Math.floor(this.pointer / cell)
    const shown = recording.network?.stages.find(({ code }) => code)?.shown
    const text = pointed >= 0 && pointed < shares.length
      ? `unit ${(shown ? shown[pointed] : pointed) + 1}: active for ${(100 * shares[pointed]).toFixed(0)} % of the images`
      : `${mean.toFixed(1)} of ${units.toLocaleString("en")} units active per image`
    if (this.said.textContent !== text) this.said.textContent = text
  }
}
