// The picture of the code under the pointer, large, beside the test picture that is nearest; and the units' sliders.

const UNITS_SHOWN = 12
// CSS pixels beside the decoded image, for the test image and the panel's edges.
const BESIDE = 160

class Shown {
  constructor(view, root) {
    const one = (selector) => root.querySelector(selector)
    this.view = view
    this.root = root
    this.drawn = one(".drawn")
    this.real = one(".real")
    this.caption = one("figcaption")
    this.where = one(".where")
    this.remark = one(".remark")
    this.jump = one(".jump")
    this.jump.onclick = () => view.pin({ picture: this.nearest.index })
  }

  draw() {
    const { view } = this
    this.jump.disabled = !view.plane
    if (!view.plane) return
    this.size()
    const code = view.shownCode
    for (const canvas of [this.drawn, this.real]) if (canvas.width !== view.side) canvas.width = canvas.height = view.side
    view.decode("shown", code, 1, (images) => {
      this.drawn.getContext("2d").putImageData(view.image(images, 0), 0, 0)
      this.drawn.dataset.pixels = String(images.one(0).reduce((sum, value, i) => (sum * 31 + value + i) % 1000000007, 0))
    })
    const { map, plane, scene } = view
    this.nearest = map.nearest(code)
    const { index, distance } = this.nearest
    if (index < 0) return
    this.real.getContext("2d").putImageData(view.image(scene.images, index), 0, 0)
    const name = scene.classes.length > 1 ? `“${scene.classes[scene.labels[index]]}”` : `image ${index + 1}`
    say(this.caption, `nearest test image: ${name}`)
    say(this.where, [...plane.place(code).map((value, k) => `${plane.names[k]}: ${figure(value)}`), view.shownKind].filter(Boolean).join("  ·  "))
    const { text, usual } = remarkOn(code, map, plane, distance)
    say(this.remark, text)
    this.remark.classList.toggle("outside", !usual)
    this.jump.disabled = distance === 0
  }

  // The decoded image is as large as the map, where there is room for that.
  size() {
    const { view, root, drawn } = this
    const room = Math.min(view.panels.pad.canvas.clientWidth, root.clientWidth - BESIDE)
    const side = `${Math.max(4, Math.floor(room / view.side)) * view.side}px`
    if (drawn.style.width !== side) drawn.style.width = drawn.style.height = side
  }
}

// Whether images have codes like this one, whose nearest test image is at `distance`: a sentence or two, and is it usual?
function remarkOn(code, map, plane, distance) {
  const times = map.usual > 0 ? distance / map.usual : 0
  const measured = `at ${times.toFixed(1)} times the distance within which 95 % of the test images have their nearest neighbour`
  const possible = canBeCode(code, map)
  // In many dimensions a place far from all dots may be no farther from the nearest code than codes are from one another.
  const beside = map.units > 2 && plane.distance(code) > plane.usual
  const near = times > 1
    ? `No test image has a code like this: the nearest one is ${measured}. The decoder was not trained on such codes.`
    : beside ? `No test image lies near this place on the map. In all ${map.units.toLocaleString("en")} numbers, the nearest one is ${measured}.`
      : possible ? "Test images have codes like this one." : "Test images have codes near this one."
  const text = possible ? near : `${near} No image at all has exactly this code: ${map.reach.why}.`
  return { text, usual: possible && !beside && times <= 1 }
}

// Can the encoder give this code, but for rounding?
function canBeCode(code, map) {
  const { low, high, active } = map.reach
  const slack = (unit) => 1e-3 * map.spread[unit] + 1e-6
  const within = code.every((value, unit) =>
    (low === null || value >= low - slack(unit)) && (high === null || value <= high + slack(unit)))
  return within && (active === null || code.reduce((count, value) => count + (value !== 0), 0) <= active)
}

class Units {
  constructor(view, root) {
    this.view = view
    this.root = root
    this.rows = root.querySelector(".rows")
    this.about = root.querySelector(".about")
    this.reset = root.querySelector(".reset")
    // A double click finds nothing left to take back.
    this.reset.onclick = () => view.pin(view.pinned.before ?? view.pinned)
    this.sliders = []
  }

  // One slider for each of the most active units, in the units' order.
  offer(map) {
    const units = map.active.slice(0, UNITS_SHOWN).sort((a, b) => a - b)
    if (this.offered !== units.join()) {
      this.offered = units.join()
      this.sliders = units.map((unit) => this.slider(unit))
      this.rows.replaceChildren(...this.sliders.map(({ row }) => row))
    }
    say(this.about, !units.length ? "all units are constant (collapsed code)"
      : map.units > UNITS_SHOWN ? `${units.length} most variable of ${map.units.toLocaleString("en")}` : "")
  }

  slider(unit) {
    const row = element("label", "unit")
    const name = Object.assign(element("span"), { textContent: `unit ${unit + 1}` })
    const input = Object.assign(element("input"), { type: "range", step: "any" })
    const value = element("output")
    input.oninput = () => {
      const code = this.view.pinnedCode.slice()
      code[unit] = Number(input.value)
      this.view.pin({ code, before: this.view.pinned.before ?? this.view.pinned })
    }
    row.append(name, input, value)
    return { row, unit, input, value }
  }

  draw() {
    const { view } = this
    if (!view.plane) return
    const { map, shownCode: code } = view
    const before = view.codeOf(view.pinned.before ?? view.pinned)
    this.reset.disabled = !view.pinned.before
    for (const { unit, input, value } of this.sliders) {
      // Wide enough for what is shown, and for what a reset goes back to.
      const [min, max] = [Math.min(map.low[unit], before[unit], code[unit]), Math.max(map.high[unit], before[unit], code[unit])]
      if (Number(input.min) !== min || Number(input.max) !== max) Object.assign(input, { min, max })
      // What a hand is just moving is not set from here.
      if (Math.abs(Number(input.value) - code[unit]) > 1e-6 * (max - min)) input.value = code[unit]
      say(value, figure(code[unit]))
    }
  }
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text
}

// Three digits, with a true minus.
function figure(value) {
  const size = Math.abs(value)
  const text = size >= 100 ? size.toFixed(0) : size >= 10 ? size.toFixed(1) : size.toFixed(2)
  return value < 0 && Number(text) ? `−${text}` : text
}
