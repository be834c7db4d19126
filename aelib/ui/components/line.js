// A WebSocket to the server, at a path below the page's, that comes back by itself.

// So long after a line broke it is tried again.
const AGAIN_MS = 1000

class Line {
  /**
   * @param {string} path below the page's address
   * @param {{ opened?: () => void, received: (block: Uint8Array) => void, broken?: () => void }} told what happens
   */
  constructor(path, { opened = () => {}, received, broken = () => {} }) {
    this.path = path
    this.opened = opened
    this.received = received
    this.broken = broken
    this.dial()
  }

  dial() {
    const address = new URL(this.path, document.baseURI)
    address.protocol = address.protocol.replace("http", "ws")
    const socket = new WebSocket(address)
    this.socket = socket
    socket.binaryType = "arraybuffer"
    socket.onopen = () => this.opened()
    socket.onmessage = ({ data }) => this.received(new Uint8Array(data))
    socket.onclose = () => {
      this.broken()
      this.again = setTimeout(() => this.dial(), AGAIN_MS)
    }
  }

  get open() {
    return this.socket.readyState === WebSocket.OPEN
  }

  /** @param {string} text lost where the line is broken */
  send(text) {
    if (this.open) this.socket.send(text)
  }

  close() {
    clearTimeout(this.again)
    const socket = this.socket
    socket.onclose = socket.onmessage = null
    // Browsers complain when a line is closed before it is open.
    socket.onopen = () => socket.close()
    if (socket.readyState !== WebSocket.CONNECTING) socket.close()
  }
}

// ---- the hand ---------------------------------------------------------------------------------------

// What a hand does on one component, others of the page can follow.
const HAND = "autoencoder-lab-hand"

/**
 * @param {string} name of the hand
 * @param {() => Gesture | null} gesture what it did, worked out only where somebody follows this hand
 */
function tellHand(name, gesture) {
  document.dispatchEvent(new CustomEvent(HAND, { detail: { name, gesture } }))
}
