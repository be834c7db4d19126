// Pictures of codes drawn from a Gaussian.

class Samples {
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.root = root
    this.canvas = one("canvas")
    this.about = one(".about")
    this.remark = one(".remark")
    this.again = one(".again")
    this.again.onclick = () => {
      this.again.disabled = true
      view.tell("seed", (this.seed ?? 0) + 1)
    }
    this.canvas.onclick = (event) => this.press(event)
  }

  receive(part, { array, images }) {
    this.seed = part.seed
    this.images = part.pictures && images(part.pictures)
    this.codes = part.codes && array(part.codes)
    this.count = part.count
    say(this.about, part.about)
    say(this.remark, part.remark)
    this.again.disabled = this.again.hidden = !part.pictures
    this.canvas.hidden = !part.pictures
  }

  press(event) {
    const { map } = this.view
    if (!this.images || !map) return
    const column = Math.floor((event.offsetX / this.canvas.clientWidth) * this.columns)
    const row = Math.floor((event.offsetY / this.canvas.clientHeight) * Math.ceil(this.count / this.columns))
    const index = row * this.columns + column
    if (index < this.count) this.view.pin({ code: this.codes.slice(index * map.units, (index + 1) * map.units) })
  }

  draw() {
    const { view, canvas } = this
    if (!this.images) return
    const { side } = this.images
    const gap = 2
    const columns = view.narrow ? 6 : 12
    this.columns = columns
    const size = (count) => count * (side + gap) - gap
    const [wide, high] = [size(columns), size(Math.ceil(this.count / columns))]
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high]
    const ratio = devicePixelRatio || 1
    const scale = Math.min(3, Math.max(1, Math.floor((this.root.clientWidth - 30) * ratio / wide)) / ratio)
    canvas.style.width = `${wide * scale}px`
    canvas.style.height = `${high * scale}px`
    const ctx = canvas.getContext("2d")
    for (let i = 0; i < this.count; i++) {
      ctx.putImageData(view.image(this.images, i), (i % columns) * (side + gap), Math.floor(i / columns) * (side + gap))
    }
  }
}
