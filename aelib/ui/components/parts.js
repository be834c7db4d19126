// What a component has of the parts that Python sends (see parts.py): each comes with its key, and with its content when
// that is new.

// Everything is asked for this often at most.
const RESEND_MS = 1000

class Parts {
  /** @param {() => void} resend asks Python for everything */
  constructor(resend) {
    this.resend = resend
    this.askedAt = -Infinity
    /** @type {Record<string, string>} */
    this.keys = {}
  }

  /**
   * The content of the scene, which all other parts belong to, where it is another.
   *
   * @param {Part} part
   */
  scene(part) {
    if (part.content && part.key !== this.keys.scene) this.keys = {}
    return this.news("scene", part)
  }

  /**
   * The content of a part where it is new, or null.
   *
   * @param {string} name
   * @param {Part | null | undefined} part
   */
  news(name, part) {
    if (!part) delete this.keys[name]
    else if (part.key !== this.keys[name]) {
      if (part.content) this.keys[name] = part.key
      else this.ask()
      return part.content
    }
    return null
  }

  // Something sent earlier never arrived here (the component was mounted anew).
  ask() {
    if (performance.now() - this.askedAt < RESEND_MS) return
    this.askedAt = performance.now()
    setTimeout(() => this.resend(), 0)
  }
}
