// Pictures of networks that are too large to be sent here: the server draws them, one request at a time.

const REMOTE_MS = 10_000

class Remote {
  constructor(send) {
    this.send = send
    this.waiting = new Map()
    this.asked = null
    this.number = 0
  }

  // Of several wishes for the same place only the newest is sent.
  ask(place, codes, count, done) {
    this.waiting.set(place, { codes, count, done })
    this.next()
  }

  next() {
    const late = this.asked && performance.now() - this.asked.since > REMOTE_MS
    if ((this.asked && !late) || !this.waiting.size) return
    const [place, wish] = this.waiting.entries().next().value
    this.waiting.delete(place)
    // The number stays apart from those of a view that was here before.
    this.asked = { ...wish, id: `${Date.now()}-${this.number++}`, since: performance.now() }
    this.send({ id: this.asked.id, count: wish.count, codes: base64(wish.codes) })
  }

  receive(id, images) {
    if (this.asked?.id === id) {
      this.asked.done(images)
      this.asked = null
    }
    this.next()
  }

  forget() {
    this.waiting.clear()
    this.asked = null
  }
}

function base64(numbers) {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  let text = ""
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}
