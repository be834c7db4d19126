// The test images at the step that is looked at: in rows what went into the network, what came out, and what should have.

// CSS pixels that they may take in width, and that lie between two of them.
const WIDEST = 1100
const GAP = 2

class ImageRows {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.ui = { blocks: one(".blocks"), removed: one(".removed") }
  }

  draw() {
    const { ui } = this
    const { theme, narrow } = this.view
    const { images, run, shown: frame } = this.view.recording
    const count = images?.shown ?? 0
    const side = images?.probe.side ?? 0
    /** @type {{ name: string, images: Images | undefined, mask?: Images }[]} */
    const rows = [{ name: "original", images: images?.probe }]
    if (run?.corrupted) rows.push({ name: "input", images: frame?.corrupted, mask: frame?.mask })
    rows.push({ name: "output", images: frame?.output })
    if (images?.target) rows.push({ name: "target", images: images.target })
    const perBlock = narrow ? Math.ceil(count / 2) : count
    const blocks = perBlock ? Math.ceil(count / perBlock) : 0
    // A fourth row of images has its room from the canvases above, so that all of it stays in sight.
    this.view.box.style.setProperty("--rows", String(Math.max(3, rows.length)))
    this.layBlocks(blocks, rows.map(({ name }) => name))
    ui.removed.hidden = !rows.some(({ mask }) => mask)
    if (!ui.removed.hidden) paintMaskKey(ui.removed.querySelector("canvas"), theme)
    const wide = perBlock * (side + GAP) - GAP
    const high = rows.length * (side + GAP) - GAP
    const first = ui.blocks.querySelector("canvas")
    if (!first) return
    // Beside the names of the rows.
    const room = Math.min(ui.blocks.clientWidth - (first.offsetLeft - ui.blocks.offsetLeft), WIDEST)
    const ratio = devicePixelRatio || 1
    const whole = Math.floor((room * ratio) / wide) / ratio
    const scale = whole >= 1 ? Math.min(whole, 2.5 * Math.max(1, Math.floor(ratio))) : room / wide
    const exact = Math.max(1 / ratio, Math.floor(scale * ratio) / ratio)
    ;[...ui.blocks.children].forEach((block, b) => {
      const canvas = block.querySelector("canvas")
      if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high]
      canvas.style.width = `${wide * exact}px`
      canvas.style.height = `${high * exact}px`
      const ctx = canvas.getContext("2d")
      const image = ctx.createImageData(wide, high)
      rows.forEach(({ images, mask }, r) => {
        for (let c = 0; c < perBlock; c++) {
          const index = b * perBlock + c
          if (index >= count) break
          const [x, y] = [c * (side + GAP), r * (side + GAP)]
          if (images) paintImage(image, theme, x, y, images, index)
          else paintPaper(image, theme, x, y, side)
          if (mask) paintMask(image, theme, x, y, mask, index)
        }
      })
      ctx.putImageData(image, 0, 0)
    })
  }

  layBlocks(blocks, names) {
    const key = `${blocks}:${names.join()}`
    if (this.laid === key) return
    this.laid = key
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
}
