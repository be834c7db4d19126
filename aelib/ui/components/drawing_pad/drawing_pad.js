// A drawing pad. Strokes are kept as points in a square of side 1, so that they can be taken back, drawn at any
// size and sent small: as grey bytes, strokes bright on black.

const SENT = 112 // pixels a side
const PACE_MS = 150
const WIDTH_OF = 280 // the pen's width is told in pixels of a pad this wide

export default mounting((root) => new DrawingPad(root), (view, component) => {
  view.send = (drawing) => component.setStateValue("drawing", drawing)
  view.name = component.data?.name
  if (!view.resumed) view.resume(component.data?.kept)
  view.draw()
})

class DrawingPad {
  constructor(root) {
    const one = (selector) => root.querySelector(selector)
    /** @type {(drawing: string) => void} */
    this.send = () => {}
    /** @type {string | undefined} */
    this.name = undefined
    this.host = root.host ?? root
    this.canvas = one("canvas")
    this.ui = { erase: one(".erase"), undo: one(".undo"), clear: one(".clear"), width: one(".width input") }
    this.strokes = []
    this.current = null
    this.sent = ""
    this.resumed = false
    /** @type {{ text: string, mark: string } | null} what is on the pad, once it was encoded */
    this.encoded = null
    this.small = element("canvas")
    this.small.width = this.small.height = SENT

    this.canvas.onpointerdown = (event) => this.begin(event)
    this.canvas.onpointermove = (event) => this.go(event)
    this.canvas.onpointerup = this.canvas.onpointercancel = (event) => this.end(event)
    this.canvas.oncontextmenu = (event) => event.preventDefault()
    this.canvas.onkeydown = (event) => this.key(event)
    this.ui.erase.onclick = () => this.takeEraser(this.ui.erase.getAttribute("aria-pressed") !== "true")
    this.ui.undo.onclick = () => this.undo()
    this.ui.clear.onclick = () => this.clear()
    this.observer = new ResizeObserver(() => this.draw())
    this.observer.observe(this.canvas)
  }

  close() {
    this.observer.disconnect()
    clearTimeout(this.timer)
    cancelAnimationFrame(this.follow)
  }

  // What was on the pad before the page was left, as the first of its strokes.
  resume(kept) {
    this.resumed = true
    if (!kept) return
    const grey = Uint8Array.from(atob(kept), (char) => char.charCodeAt(0))
    this.strokes.push({ picture: grey })
    this.sent = kept
  }

  // ---- the hand -------------------------------------------------------------------------------------

  begin(event) {
    if (this.current || event.button > 0) return
    this.canvas.setPointerCapture(event.pointerId)
    this.current = { pointer: event.pointerId, erase: this.erasing, width: Number(this.ui.width.value) / WIDTH_OF, points: [] }
    this.strokes.push(this.current)
    this.add(event)
  }

  go(event) {
    if (event.pointerId !== this.current?.pointer) return
    const between = event.getCoalescedEvents?.() ?? []
    for (const one of between.length ? between : [event]) this.add(one)
  }

  end(event) {
    if (event.pointerId !== this.current?.pointer) return
    this.current = null
    this.changed(true)
  }

  add(event) {
    const box = this.canvas.getBoundingClientRect()
    this.current.points.push([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height])
    this.changed(false)
  }

  get erasing() {
    return this.ui.erase.getAttribute("aria-pressed") === "true"
  }

  takeEraser(erase) {
    this.ui.erase.setAttribute("aria-pressed", erase)
  }

  undo() {
    this.strokes.pop()
    this.changed(true)
  }

  clear() {
    this.strokes = []
    this.takeEraser(false)
    this.changed(true)
  }

  key(event) {
    const { width } = this.ui
    const keys = {
      e: () => this.takeEraser(!this.erasing),
      "[": () => width.stepDown(),
      "]": () => width.stepUp(),
      Delete: () => this.clear(),
      Backspace: () => this.clear(),
    }
    const act = (event.ctrlKey || event.metaKey) ? { z: () => this.undo() }[event.key] : keys[event.key]
    if (!act || this.current) return
    event.preventDefault()
    act()
  }

  // ---- drawing and sending --------------------------------------------------------------------------

  changed(now) {
    this.encoded = null
    this.draw()
    this.follow ??= requestAnimationFrame(() => {
      this.follow = null
      tellHand(this.name, () => {
        const { text, mark } = this.encode()
        return text ? { message: text, at: mark } : null
      })
    })
    if (now) {
      clearTimeout(this.timer)
      this.timer = null
      this.tell()
    } else {
      this.timer ??= setTimeout(() => { this.timer = null; this.tell() }, PACE_MS)
    }
  }

  draw() {
    const { undo, clear } = this.ui
    undo.disabled = clear.disabled = this.strokes.length === 0
    if (!this.canvas.clientWidth) return
    this.theme = readTheme(this.host)
    const { ctx, width, height } = prepare(this.canvas)
    const { background, text } = this.theme
    const paper = `rgb(${background.map((b, k) => Math.round(b + (text[k] - b) * PAPER)).join(",")})`
    ctx.fillStyle = paper
    ctx.fillRect(0, 0, width, height)
    if (this.strokes.length) this.paint(ctx, width, this.theme.ink(1), paper)
    else hint(ctx, this.theme, width, height, "Draw here")
  }

  paint(ctx, side, ink, ground) {
    ctx.lineCap = ctx.lineJoin = "round"
    for (const { erase, width, points, picture } of this.strokes) {
      if (picture) {
        ctx.drawImage(inked(picture, ink), 0, 0, side, side)
        continue
      }
      ctx.strokeStyle = erase ? ground : ink
      ctx.lineWidth = width * side
      ctx.beginPath()
      const at = points.map(([x, y]) => [x * side, y * side])
      ctx.moveTo(...at[0])
      // Through the middles of what the hand gave, so that a quick stroke has no corners.
      for (let i = 1; i < at.length - 1; i++) {
        ctx.quadraticCurveTo(...at[i], (at[i][0] + at[i + 1][0]) / 2, (at[i][1] + at[i + 1][1]) / 2)
      }
      ctx.lineTo(...at.at(-1))
      ctx.stroke()
    }
  }

  tell() {
    const drawing = this.encode().text
    if (drawing === this.sent) return
    this.sent = drawing
    this.send(drawing)
  }

  // Base64 of SENT × SENT grey bytes, or "" for a pad without ink; and how much ink there is, as drawing.py counts it.
  encode() {
    if (this.encoded) return this.encoded
    const ctx = this.small.getContext("2d", { willReadFrequently: true })
    ctx.fillStyle = "#000"
    ctx.fillRect(0, 0, SENT, SENT)
    this.paint(ctx, SENT, "#fff", "#000")
    const { data } = ctx.getImageData(0, 0, SENT, SENT)
    let [text, ink] = ["", 0]
    for (let i = 0; i < data.length; i += 4) {
      text += String.fromCharCode(data[i])
      ink += data[i]
    }
    this.encoded = { text: ink ? btoa(text) : "", mark: String(ink) }
    return this.encoded
  }
}

// A canvas with the grey bytes of a picture as ink of one colour.
function inked(grey, ink) {
  const canvas = element("canvas")
  canvas.width = canvas.height = SENT
  const ctx = canvas.getContext("2d")
  const [r, g, b] = rgb(ink)
  const image = ctx.createImageData(SENT, SENT)
  for (const [i, value] of grey.entries()) image.data.set([r, g, b, value], 4 * i)
  ctx.putImageData(image, 0, 0)
  return canvas
}
