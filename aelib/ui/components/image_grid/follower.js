// Follows a hand on another component: asks the server for the rows that belong to what it does (see preview.py). One
// question is on its way at a time, and of those that wait only the newest is asked.

// A line that came to nothing is not waited for; nor is a page that Streamlit does not draw anew after so long.
const GIVEN_UP_MS = 2500

class Follower {
  constructor(receive) {
    this.receive = receive
    /** @type {(event: HandEvent) => void} */
    this.heard = ({ detail }) => {
      const gesture = detail.name === this.name ? detail.gesture() : null
      if (gesture) this.moved(gesture)
    }
    document.addEventListener(HAND, this.heard)
  }

  // `told`: what the page said about whom to follow, { token, name, at }, or null.
  follow(told) {
    const path = told && `preview/${told.token}/${told.name}`
    if (path === this.path) return
    this.line?.close()
    this.path = path
    this.name = told?.name
    this.waiting = this.asked = this.latest = null
    this.line = path ? new Line(path, { opened: () => this.ask(), received: (block) => this.answered(block) }) : null
  }

  // Is what the page draws older than what the hand did last?
  outruns(told) {
    return Boolean(told) && this.latest !== null && told.at !== this.latest.at && performance.now() - this.latest.since < GIVEN_UP_MS
  }

  moved({ message, at }) {
    this.latest = { at, since: performance.now() }
    this.waiting = message
    this.ask()
  }

  ask() {
    const busy = this.asked !== null && performance.now() - this.asked < GIVEN_UP_MS
    if (busy || this.waiting === null || !this.line.open) return
    this.line.send(this.waiting)
    this.waiting = null
    this.asked = performance.now()
  }

  answered(block) {
    this.asked = null
    if (block.length) this.receive(block)
    this.ask()
  }

  close() {
    document.removeEventListener(HAND, this.heard)
    this.line?.close()
  }
}
