// What visitors drew, as glowing points on the map of a code of two numbers, each with what is decoded where it is.

// While a run trains, places are asked for again after so long; a question without an answer is given up.
const PLACE_MS = 450
const GIVEN_UP_MS = 2500
// CSS pixels of the images beside a point, and how near a hand takes hold of it.
const DRAWN_SIDE = 56
const REACH = 22

class Drawn {
  /** @param {LiveView} view */
  constructor(view) {
    this.view = view
    this.clear()
  }

  clear() {
    /** @type {Map<string, Point>} where drawings were moved to, by their names */
    this.moved = new Map()
    /** @type {{ step: number, names: string[], codes: Float32Array, images: Images } | null} */
    this.found = null
    /** @type {string | null} the drawing that a hand holds */
    this.held = null
    this.wanted = this.asked = null
    this.answer = ""
  }

  connect(token) {
    this.line?.close()
    this.line = null
    this.path = `preview/${token}/drawings`
  }

  close() {
    clearTimeout(this.later)
    this.line?.close()
  }

  get there() {
    return Boolean(this.view.recording.drawings?.names.length)
  }

  // ---- asking ---------------------------------------------------------------------------------------

  // Asks where all are by the newest weights, unless that is known.
  follow() {
    const { drawings, newest } = this.view.recording
    if (!this.there || !newest) return
    const message = JSON.stringify(Object.fromEntries(this.moved))
    const fresh = this.found && this.found.step >= newest.step
    if (this.answer === `${drawings.key}/${message}`) {
      if (fresh) return
      const left = PLACE_MS - (performance.now() - this.since)
      if (left > 0) {
        clearTimeout(this.later)
        this.later = setTimeout(() => this.follow(), left)
        return
      }
    }
    this.wanted = { message, key: drawings.key }
    this.line ??= new Line(this.path, { opened: () => this.ask(), received: (block) => this.answered(block) })
    this.ask()
  }

  ask() {
    const busy = this.asked && performance.now() - this.asked.at < GIVEN_UP_MS
    if (busy || !this.wanted || !this.line.open) return
    this.asked = { ...this.wanted, at: performance.now() }
    this.wanted = null
    this.line.send(this.asked.message)
  }

  answered(block) {
    const { asked } = this
    this.asked = null
    if (block.length && asked) {
      const { header, array, images } = unpack(block)
      this.found = { step: header.step, names: header.names, codes: array(header.codes), images: images(header.images) }
      this.answer = `${asked.key}/${asked.message}`
      this.since = performance.now()
      this.view.redraw("codes")
    }
    this.ask()
  }

  // ---- a hand ---------------------------------------------------------------------------------------

  /**
   * Takes hold of the drawing at a place on the canvas, if there is one.
   *
   * @param {Point} at
   */
  hold(at) {
    const near = (this.spots ?? []).map(({ name, place }) => ({ name, far: Math.hypot(place[0] - at[0], place[1] - at[1]) }))
    const nearest = near.sort((a, b) => a.far - b.far)[0]
    this.held = nearest && nearest.far < REACH ? nearest.name : null
    return this.held !== null
  }

  /** @param {Point} code where the drawing that is held is moved to */
  move(code) {
    this.moved.set(this.held, code)
    this.follow()
    this.view.redraw("codes")
  }

  // Back to where the encoder places it.
  putBack() {
    this.moved.clear()
    this.follow()
    this.view.redraw("codes")
  }

  // ---- drawing --------------------------------------------------------------------------------------

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Theme} theme
   * @param {(x: number, y: number) => Point} place of a code on the canvas
   * @param {{ width: number, height: number }} size of the canvas
   */
  draw(ctx, theme, place, { width, height }) {
    this.spots = []
    const { recording } = this.view
    // They are placed by the newest weights.
    if (!this.there || !this.found || recording.shownStep !== null) return
    const { names, images } = recording.drawings
    this.found.names.forEach((name, index) => {
      const own = names.indexOf(name)
      if (own < 0) return
      const code = this.moved.get(name) ?? [this.found.codes[2 * index], this.found.codes[2 * index + 1]]
      const [x, y] = place(code[0], code[1])
      /** @type {Point} */
      const at = [Math.max(8, Math.min(width - 8, x)), Math.max(8, Math.min(height - 8, y))]
      this.spots.push({ name, place: at })
      this.drawPoint(ctx, theme, at, name === recording.drawings.mine)
      this.drawImages(ctx, theme, at, [thumbnail(theme, images, own), thumbnail(theme, this.found.images, index)], width, height)
    })
  }

  drawPoint(ctx, theme, [x, y], mine) {
    ctx.save()
    ctx.shadowColor = theme.accent
    ctx.shadowBlur = 16
    ctx.fillStyle = mine ? theme.accent : theme.ink(0.85)
    ctx.strokeStyle = `rgb(${theme.background.join(",")})`
    ctx.lineWidth = 2
    ctx.beginPath()
    ctx.arc(x, y, 7, 0, 7)
    ctx.fill()
    ctx.shadowBlur = 0
    ctx.stroke()
    ctx.restore()
  }

  // What was drawn, and what is decoded where the point is.
  drawImages(ctx, theme, [x, y], pair, width, height) {
    const wide = 2 * DRAWN_SIDE + 2
    const left = x + 12 + wide > width ? x - 12 - wide : x + 12
    const top = Math.max(2, Math.min(height - DRAWN_SIDE - 2, y - DRAWN_SIDE / 2))
    ctx.save()
    ctx.imageSmoothingEnabled = false
    ctx.fillStyle = theme.accent
    ctx.fillRect(left - 1, top - 1, wide + 2, DRAWN_SIDE + 2)
    pair.forEach((image, k) => { ctx.drawImage(image, left + k * (DRAWN_SIDE + 2), top, DRAWN_SIDE, DRAWN_SIDE) })
    ctx.restore()
  }
}
