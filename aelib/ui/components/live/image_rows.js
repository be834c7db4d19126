// The test images at the step that is looked at: in rows what went into the network, what came out, and what should have.

// Image pixels that lie between two of them, and around all.
const GAP = 2
// Images grow with the room as long as so many of them fit, and further where all do.
const FEWEST = 9
const LARGEST = 4

class ImageRows {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.ui = { blocks: one(".blocks"), removed: one(".removed") }
    // So many of the images have room.
    this.visible = 0
  }

  draw() {
    const { ui } = this
    const { theme, narrow } = this.view
    const { images, run, shown: frame, preview } = this.view.recording
    const count = images?.shown ?? 0
    const side = images?.probe.side ?? 0
    /** @type {{ name: string, images: Images | undefined, mask?: Images }[]} */
    const rows = [{ name: "original", images: images?.probe }]
    if (run?.corrupted) rows.push({ name: "input", images: frame?.corrupted, mask: frame?.mask })
    if (preview) rows.push({ name: run ? "new input" : "input", images: preview.corrupted, mask: preview.mask })
    rows.push({ name: "output", images: frame?.output })
    if (images?.target) rows.push({ name: "target", images: images.target })
    this.layBlocks(count ? (narrow ? 2 : 1) : 0, rows.map(({ name }) => name))
    ui.removed.hidden = !rows.some(({ mask }) => mask)
    if (!ui.removed.hidden) paintMaskKey(ui.removed.querySelector("canvas"), theme)
    const first = ui.blocks.querySelector("canvas")
    if (!first) return
    // Beside the names of the rows.
    const room = ui.blocks.clientWidth - (first.offsetLeft - ui.blocks.offsetLeft)
    const { perBlock, scale } = narrow ? fitted(room, side, Math.ceil(count / 2)) : grown(room, side, count)
    this.perBlock = perBlock
    this.visible = Math.min(count, perBlock * ui.blocks.childElementCount)
    const [wide, high] = [perBlock * (side + GAP) + GAP, rows.length * (side + GAP) + GAP]
    // The canvases above give room, so that these stay in sight.
    this.view.box.style.setProperty("--images", `${Math.round(high * scale)}px`)
    ;[...ui.blocks.children].forEach((block, b) => {
      const canvas = block.querySelector("canvas")
      if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high]
      canvas.style.width = `${wide * scale}px`
      canvas.style.height = `${high * scale}px`
      const ctx = canvas.getContext("2d")
      const image = ctx.createImageData(wide, high)
      rows.forEach(({ images, mask }, r) => {
        for (let c = 0; c < perBlock; c++) {
          const index = b * perBlock + c
          if (index >= count) break
          const [x, y] = [GAP + c * (side + GAP), GAP + r * (side + GAP)]
          if (images) paintImage(image, theme, x, y, images, index)
          else paintPaper(image, theme, x, y, side)
          if (mask) paintMask(image, theme, x, y, mask, index)
        }
      })
      ctx.putImageData(image, 0, 0)
      // That which goes through the network.
      const chosen = this.view.panels.network.image - b * perBlock
      if (chosen >= 0 && chosen < perBlock) {
        ctx.strokeStyle = theme.accent
        ctx.lineWidth = 1
        ctx.strokeRect(GAP + chosen * (side + GAP) - 1.5, 0.5, side + 3, high - 1)
      }
    })
  }

  press(event, block) {
    const canvas = event.currentTarget
    const column = Math.floor((event.offsetX / canvas.clientWidth) * this.perBlock)
    this.view.panels.network.choose(block * this.perBlock + Math.max(0, Math.min(this.perBlock - 1, column)))
  }

  key(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.view.panels.network.choose(this.view.panels.network.image + move)
  }

  layBlocks(blocks, names) {
    const key = `${blocks}:${names.join()}`
    if (this.laid === key) return
    this.laid = key
    this.ui.blocks.replaceChildren(
      ...Array.from({ length: blocks }, (_, b) => {
        const block = element("div", "block")
        const rows = element("div", "rows")
        rows.append(...names.map((name) => Object.assign(element("span"), { textContent: name })))
        const canvas = element("canvas")
        canvas.tabIndex = 0
        canvas.setAttribute("role", "application")
        canvas.setAttribute("aria-label", `Test images: ${names.join(", ")}. Click, or arrow keys, to send one through the network`)
        canvas.onclick = (event) => this.press(event, b)
        canvas.onkeydown = (event) => this.key(event)
        block.append(rows, canvas)
        return block
      }),
    )
  }
}

// So many images, as large as the room allows: each pixel a whole number of the screen's where it can be.
function fitted(room, side, count) {
  const ratio = devicePixelRatio || 1
  const wide = count * (side + GAP) + GAP
  return { perBlock: count, scale: Math.floor((room * ratio) / wide) / ratio || room / wide }
}

// The larger the room, the larger the images, and the more of them.
function grown(room, side, count) {
  const ratio = devicePixelRatio || 1
  const fitting = (scale) => Math.min(count, Math.floor((room / scale - GAP) / (side + GAP)))
  const enough = (scale) => fitting(scale) >= Math.min(count, scale > 3 ? count : FEWEST)
  const scales = Array.from({ length: LARGEST * Math.ceil(ratio) }, (_, k) => Math.floor((k + 1) * ratio) / ratio)
  const scale = scales.filter((scale) => scale <= LARGEST && enough(scale)).at(-1)
  return scale ? { perBlock: fitting(scale), scale } : fitted(room, side, count)
}
