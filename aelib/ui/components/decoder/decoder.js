// The page on which the decoder is played with. Python sends one block of bytes whenever something changed (see
// payload.py); pictures are then made here, so that they follow the pointer.

const NARROW = 760

// Where somebody was in a run, for when they come back to the page.
const left = new Map()

export default mounting((root) => new DecoderView(root), (view, component) => {
  view.tell = (name, value) => component.setStateValue(name, value)
  view.askForAll = () => component.setTriggerValue("incomplete", true)
  if (component.data instanceof Uint8Array) view.receive(unpack(component.data))
})

class DecoderView {
  constructor(root) {
    const one = (selector) => root.querySelector(selector)
    /** @type {(name: string, value: unknown) => void} */
    this.tell = () => {}
    this.askForAll = () => {}
    this.box = one(".decoder")
    this.host = root.host ?? root
    this.panels = {
      pad: new Pad(this, one(".panel.pad")),
      shown: new Shown(this, one(".panel.shown")),
      units: new Units(this, one(".panel.units")),
      blend: new Blend(this, one(".panel.blend")),
      samples: new Samples(this, one(".panel.samples")),
    }
    this.parts = {
      ...this.panels,
      grid: this.panels.pad.grid,
      walk: { draw: () => this.panels.blend.drawWalk() },
    }
    this.received = new Parts(() => this.askForAll())
    this.remote = new Remote((wanted) => this.tell("wanted", wanted))
    this.planes = 0
    this.clear()
    this.observer = new ResizeObserver(() => this.redraw())
    this.observer.observe(this.box)
  }

  close() {
    if (this.map) left.set(this.sceneKey, { pinned: this.pinned, ends: this.panels.blend.ends })
    this.observer.disconnect()
    this.panels.blend.close()
    cancelAnimationFrame(this.frameRequest)
  }

  clear() {
    this.map = this.plane = this.scene = this.previewed = null
    this.pinned = { picture: 0 }
    this.remote.forget()
  }

  receive({ header, array, images }) {
    const { received } = this
    this.resting = header.resting
    const scene = received.scene(header.scene)
    if (scene) {
      this.clear()
      this.sceneKey = header.scene.key
      const labels = array(scene.labels)
      this.scene = { images: images(scene.images), labels, classes: scene.classes, count: labels.length }
      this.panels.blend.offer(this.scene)
      const { pinned, ends } = left.get(this.sceneKey) ?? {}
      if (pinned) {
        this.pinned = pinned
        this.panels.blend.ends = ends
      }
    }
    const map = this.scene && received.news("map", header.map)
    if (map) this.setMap(new CodeMap(map, array))
    const samples = received.news("samples", header.samples)
    if (samples) this.panels.samples.receive(samples, { array, images })
    if (header.drawn) this.remote.receive(header.drawn.id, images(header.drawn.pictures))
    this.redraw()
  }

  setMap(map) {
    map.turnTowards(this.map)
    if (this.map && this.map.units !== map.units) this.pinned = { picture: 0 }
    this.map = map
    this.panels.pad.offer(map)
    this.panels.units.offer(map)
    this.setPlane()
  }

  setPlane() {
    if (!this.map) return
    // A place on another map would be another code.
    const pair = this.panels.pad.pair
    if (this.plane && String(pair) !== String(this.plane.pair) && this.pinned.place) this.pinned = { code: this.pinnedCode }
    this.plane = new Plane(this.map, pair)
    this.plane.number = ++this.planes
    this.panels.pad.planeChanged()
    this.redraw()
  }

  // ---- the code that is shown -----------------------------------------------------------------------

  // Pins a place on the map, a test picture's code, or any code; `before`: what a reset goes back to.
  pin(what) {
    this.pinned = what
    this.previewed = null
    this.redraw("pad", "shown", "units")
  }

  // Shows the code at a place for as long as the pointer is there.
  preview(place) {
    this.previewed = place
    this.redraw("pad", "shown", "units")
  }

  get pinnedCode() {
    return this.codeOf(this.pinned)
  }

  codeOf({ place, picture, code }) {
    return code ?? (place ? this.plane.code(place) : this.map.code(picture))
  }

  // What the map does not say of the code that is shown.
  get shownKind() {
    if (this.previewed || this.pinned.place) return this.plane.elsewhere
    return this.pinned.code ? "" : "the code of a test image"
  }

  get shownCode() {
    return this.previewed ? this.plane.code(this.previewed) : this.pinnedCode
  }

  // ---- images ---------------------------------------------------------------------------------------

  // How many pixels an image is wide and high; 0 before any has come.
  get side() {
    return this.scene?.images.side ?? 0
  }

  /**
   * Decodes `count` codes, at once where the network is here.
   *
   * @param {string} place of what has asked
   * @param {Float32Array} codes
   * @param {number} count
   * @param {(images: Images) => void} done
   */
  decode(place, codes, count, done) {
    const { network, units, planes } = this.map
    if (!network) {
      this.remote.ask(place, codes, count, done)
      return
    }
    const size = planes * this.side ** 2
    const pixels = new Uint8ClampedArray(count * size)
    for (let c = 0; c < count; c++) {
      const values = network.run(codes.subarray(c * units, (c + 1) * units))
      for (let i = 0, to = c * size; i < size; i++) pixels[to++] = 255 * values[i]
    }
    done(new Images(pixels, [count, planes, this.side]))
  }

  /**
   * One image, ready for a canvas.
   *
   * @param {Images} images
   * @param {number} index
   */
  image(images, index) {
    const image = new ImageData(images.side, images.side)
    paintImage(image, this.theme, 0, 0, images, index)
    return image
  }

  // Draws with the screen's next frame: the named parts, or everything.
  redraw(...names) {
    this.dirty ??= new Set()
    for (const name of names.length ? names : Object.keys(this.parts)) this.dirty.add(name)
    this.frameRequest ??= requestAnimationFrame(() => {
      const dirty = this.dirty
      this.frameRequest = this.dirty = null
      if (!this.box.clientWidth) return
      this.narrow = this.box.clientWidth < NARROW
      this.box.classList.toggle("narrow", this.narrow)
      const ground = this.theme?.background.join()
      this.theme = readTheme(this.host)
      this.box.style.colorScheme = this.theme.tone
      if (ground !== this.theme.background.join()) this.panels.pad.grid.left = this.panels.pad.grid.n ** 2
      for (const name of dirty) this.parts[name].draw()
    })
  }
}
