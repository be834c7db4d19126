// From one test picture to another: straight through the code, beside a mixture of the pixels.

const STEPS = 11
const STEPS_NARROW = 5
const TRAY = 24
const WALK_MS = 3000

class Blend {
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.root = root
    this.slots = [...root.querySelectorAll(".slot")]
    this.about = one(".about")
    this.tray = one(".tray")
    this.strip = one(".strip canvas")
    this.pairing = one(".pairing")
    this.ui = { part: one(".part"), percent: one(".percent"), play: one(".play"), speed: one(".speed") }
    this.ends = null
    this.armed = null // the end that the next click sets, on the map as well
    this.turn = 0 // the end that the next click in the tray sets otherwise
    this.part = 0.5
    this.slots.forEach((slot, end) => {
      slot.onclick = () => { this.armed = this.armed === end ? null : end; this.changed() }
    })
    one(".swap").onclick = () => { if (this.ends) { this.ends.reverse(); this.changed() } }
    one(".random").onclick = () => this.random()
    this.ui.part.oninput = () => this.moveTo(Number(this.ui.part.value) / 100)
    this.ui.play.onclick = () => (this.playing ? this.stop() : this.play())
    this.strip.onclick = (event) => this.moveTo(Math.floor((event.offsetX / this.strip.clientWidth) * this.steps) / (this.steps - 1))
  }

  close() {
    cancelAnimationFrame(this.playing)
  }

  // The pictures to choose from: some of each class.
  offer({ images, labels, classes, count }) {
    const most = Math.max(1, Math.ceil(TRAY / classes.length))
    const taken = Array.from(classes, () => 0)
    const offered = []
    for (let i = 0; i < count && offered.length < TRAY; i++) if (taken[labels[i]]++ < most) offered.push(i)
    offered.sort((a, b) => labels[a] - labels[b] || a - b)
    this.tray.replaceChildren(...offered.map((index) => {
      const button = Object.assign(element("button"), { type: "button", title: classes[labels[index]] })
      button.dataset.index = index
      button.onclick = () => this.choose(index)
      const canvas = element("canvas")
      canvas.width = canvas.height = images.side
      button.append(canvas)
      return button
    }))
    const other = offered.find((i) => labels[i] !== labels[0]) ?? Math.min(1, count - 1)
    this.ends = [0, other]
    this.armed = null
  }

  choose(index) {
    const end = this.armed ?? this.turn
    this.ends[end] = index
    this.turn = 1 - end
    this.armed = null
    this.changed()
  }

  random() {
    const { count } = this.view.map ?? {}
    if (!count) return
    const first = Math.floor(Math.random() * count)
    this.ends = [first, (first + 1 + Math.floor(Math.random() * Math.max(1, count - 1))) % count]
    this.changed()
  }

  changed() {
    this.view.redraw("blend", "pad")
  }

  get steps() {
    return this.view.narrow ? STEPS_NARROW : STEPS
  }

  codes() {
    const { map } = this.view
    return map && this.ends?.every((index) => index < map.count) ? this.ends.map((index) => map.code(index)) : null
  }

  // ---- walking --------------------------------------------------------------------------------------

  moveTo(part) {
    this.part = Math.max(0, Math.min(1, part))
    this.ui.part.value = 100 * this.part
    this.view.redraw("walk", "pad")
  }

  play() {
    let [before, forwards] = [performance.now(), this.part < 1]
    let walked = this.part
    const frame = (now) => {
      this.playing = requestAnimationFrame(frame)
      const way = ((now - before) / WALK_MS) * Number(this.ui.speed.value)
      before = now
      walked = Math.max(0, Math.min(1, walked + (forwards ? way : -way)))
      if (walked === 0 || walked === 1) forwards = walked === 0
      // Who asked for little motion sees the steps of the strip one by one.
      const part = calm.matches ? Math.round(walked * (this.steps - 1)) / (this.steps - 1) : walked
      if (part !== this.part) this.moveTo(part)
    }
    this.playing = requestAnimationFrame(frame)
    this.view.redraw("walk")
  }

  stop() {
    cancelAnimationFrame(this.playing)
    this.playing = null
    this.view.redraw("walk")
  }

  // ---- drawing --------------------------------------------------------------------------------------

  draw() {
    const { view } = this
    if (!this.ends) return
    this.slots.forEach((slot, end) => {
      const canvas = slot.querySelector("canvas")
      canvas.width = canvas.height = view.side
      canvas.getContext("2d").putImageData(view.image(view.scene.images, this.ends[end]), 0, 0)
      slot.setAttribute("aria-pressed", this.armed === end)
    })
    say(this.about, this.armed === null ? "" : "Now click a dot on the map or a thumbnail")
    const ground = view.theme.background.join()
    if (this.trayDrawn !== `${view.sceneKey}/${ground}`) {
      this.trayDrawn = `${view.sceneKey}/${ground}`
      for (const button of this.tray.children) {
        button.firstChild.getContext("2d").putImageData(view.image(view.scene.images, Number(button.dataset.index)), 0, 0)
      }
    }
    for (const button of this.tray.children) button.classList.toggle("chosen", this.ends.includes(Number(button.dataset.index)))
    this.drawWays("strip", this.strip, Array.from({ length: this.steps }, (_, i) => i / (this.steps - 1)), 3, false)
    this.drawWalk()
  }

  drawWalk() {
    const { ui, view, part } = this
    showPlaying(ui.play, this.playing)
    ui.play.title = this.playing ? "Pause" : "Play"
    say(ui.percent, `${Math.round(100 * part)} %`)
    if (this.ends) this.drawWays("walk", this.pairing, [part], view.narrow ? 3 : 4, true)
  }

  // Decoded pictures and mixed ones at these parts of the way, beside each other or in two rows.
  drawWays(place, canvas, parts, largest, beside) {
    const { view } = this
    const ends = this.codes()
    if (!ends) return
    const { side, scene } = view
    const gap = 2
    const size = (count) => count * (side + gap) - gap
    const [wide, high] = beside ? [size(2 * parts.length), side] : [size(parts.length), size(2)]
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high]
    const ratio = devicePixelRatio || 1
    const room = canvas.parentElement.clientWidth - (beside || view.narrow ? 0 : 130)
    const scale = Math.min(largest, Math.max(1, Math.floor((room * ratio) / wide)) / ratio)
    canvas.style.width = `${wide * scale}px`
    canvas.style.height = `${high * scale}px`
    const ctx = canvas.getContext("2d")
    const { units } = view.map
    const codes = new Float32Array(parts.length * units)
    parts.forEach((t, i) => { for (let u = 0; u < units; u++) codes[i * units + u] = (1 - t) * ends[0][u] + t * ends[1][u] })
    view.decode(place, codes, parts.length, (images) => {
      for (const i of parts.keys()) ctx.putImageData(view.image(images, i), i * (side + gap), 0)
    })
    const [from, to] = this.ends.map((index) => scene.images.one(index))
    const mixed = parts.flatMap((t) => Array.from(from, (pixel, i) => (1 - t) * pixel + t * to[i]))
    const mixtures = new Images(Uint8ClampedArray.from(mixed), [parts.length, 1, side])
    parts.forEach((_, i) => {
      const [x, y] = beside ? [(parts.length + i) * (side + gap), 0] : [i * (side + gap), side + gap]
      ctx.putImageData(view.image(mixtures, i), x, y)
    })
  }
}
