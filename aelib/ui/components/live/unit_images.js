// What a unit looks for or draws, as an image: asked for while a hand is on it (see unit_images.py). One question is on its
// way at a time, and of those that wait only the newest is asked.

// While a run trains, an answer is asked for again after so long; a question without an answer is given up.
const FRESH_MS = 500
const UNANSWERED_MS = 2500

class UnitImages {
  /** @param {() => void} changed called when an answer has come */
  constructor(changed) {
    this.changed = changed
    this.clear()
  }

  clear() {
    /** @type {Map<string, UnitImage>} */
    this.known = new Map()
    this.waiting = this.asked = this.current = null
  }

  connect(token) {
    this.close()
    this.path = `preview/${token}/unit`
  }

  /**
   * What is known of a unit, perhaps of an earlier step; what is newer is asked for.
   *
   * @param {{ stage: number, unit: number, image: number }} wish
   * @param {number} step the newest
   */
  find(wish, step) {
    const message = JSON.stringify(wish)
    const known = this.known.get(message)
    if (!known || (known.step < step && performance.now() - known.since > FRESH_MS)) this.ask(message)
    return known ?? null
  }

  ask(message) {
    if (this.asked === null || this.current !== message) this.waiting = message
    this.line ??= new Line(this.path, { opened: () => this.next(), received: (block) => this.answered(block) })
    this.next()
  }

  next() {
    const busy = this.asked !== null && performance.now() - this.asked < UNANSWERED_MS
    if (busy || this.waiting === null || !this.line.open) return
    this.line.send(this.waiting)
    this.current = this.waiting
    this.waiting = null
    this.asked = performance.now()
  }

  answered(block) {
    this.asked = null
    if (block.length) {
      const { header, images } = unpack(block)
      const { asked, step, largest, image } = header
      this.known.set(asked, { step, largest, image: images(image), since: performance.now() })
      this.changed()
    }
    this.next()
  }

  close() {
    this.line?.close()
    this.line = null
  }
}
