// The codes of real pictures, and the plane through them that the pad shows.

// How much a unit must vary, as a share of the one that varies most, to be offered as an axis or a slider.
const LEAST_SPREAD = 0.01

// What the page knows of a trained network: codes row by row, and numbers about each unit.
class CodeMap {
  constructor(part, array) {
    this.step = part.step
    this.units = part.units
    this.planes = part.planes
    this.share = part.share
    this.usual = part.usual
    this.reach = part.reach
    this.codes = array(part.codes)
    this.mean = array(part.mean)
    this.axes = array(part.axes)
    this.low = array(part.low)
    this.high = array(part.high)
    this.spread = array(part.spread)
    this.count = this.codes.length / this.units
    this.network = part.layers
      ? new Network(part.layers.map((l) => ({ ...l, weight: l.weight && array(l.weight), bias: l.bias && array(l.bias) })))
      : null
    // The most active first. Units that hardly move beside the others, such as dead ones, are left out: nothing would be
    // seen of them.
    const least = LEAST_SPREAD * this.spread.reduce((most, one) => Math.max(most, one), 0)
    this.active = Array.from(this.spread.keys()).filter((u) => this.spread[u] > least && this.high[u] > this.low[u])
    this.active.sort((a, b) => this.spread[b] - this.spread[a])
  }

  code(index) {
    return this.codes.slice(index * this.units, (index + 1) * this.units)
  }

  // The picture whose code is nearest, and how far away that is.
  nearest(code) {
    const { codes, units } = this
    let [index, least] = [-1, Infinity]
    for (let i = 0, at = 0; i < this.count; i++, at += units) {
      let sum = 0
      for (let u = 0; u < units && sum < least; u++) sum += (codes[at + u] - code[u]) ** 2
      if (sum < least) [index, least] = [i, sum]
    }
    return { index, distance: Math.sqrt(least) }
  }

  // Axes have no natural sign: those that point away from the axes before are turned round.
  turnTowards(before) {
    if (!before || before.units !== this.units || before.count !== this.count) return
    const [ours, theirs] = [new Plane(this, null), new Plane(before, null)]
    for (const k of [0, 1]) {
      let agreement = 0
      for (let i = k; i < ours.points.length; i += 2) agreement += ours.points[i] * theirs.points[i]
      if (agreement < 0) for (let u = 0; u < this.units; u++) this.axes[k * this.units + u] *= -1
    }
  }
}

// A flat map of the codes. `pair`: two units, all others at their mean; null: the two principal axes.
class Plane {
  constructor(map, pair) {
    this.map = map
    this.pair = pair
    this.points = new Float32Array(2 * map.count)
    for (let i = 0; i < map.count; i++) this.points.set(this.place(map.codes, i * map.units), 2 * i)
    const [x, y] = [axisRange(this.points, 0, 2), axisRange(this.points, 1, 2)]
    this.range = [x[0], y[0], x[1], y[1]]
    this.names = pair ? pair.map((unit) => `unit ${unit + 1}`) : ["PC 1", "PC 2"]
    this.elsewhere = map.units === 2 ? "" : pair ? "the other units at their mean" : "the rest at its mean"
  }

  // How far a code lies from the nearest dot on the map, but for the dot number `but`.
  distance(code, but = -1) {
    const [x, y] = this.place(code)
    let least = Infinity
    for (let i = 0; i < this.points.length; i += 2) {
      if (i !== 2 * but) least = Math.min(least, (this.points[i] - x) ** 2 + (this.points[i + 1] - y) ** 2)
    }
    return Math.sqrt(least)
  }

  // 95 % of the dots have another one no farther away.
  get usual() {
    if (this.usualDistance === undefined) {
      const { map } = this
      const distances = Float64Array.from({ length: map.count }, (_, i) => this.distance(map.code(i), i)).sort()
      this.usualDistance = map.count > 1 ? distances[Math.floor(0.95 * (map.count - 1))] : Infinity
    }
    return this.usualDistance
  }

  /**
   * Where a code lies on the map.
   *
   * @param {ArrayLike<number>} code
   * @param {number} offset where it begins
   * @returns {Point}
   */
  place(code, offset = 0) {
    const { map, pair } = this
    if (pair) return [code[offset + pair[0]], code[offset + pair[1]]]
    const { mean, axes, units } = map
    let [a, b] = [0, 0]
    for (let u = 0; u < units; u++) {
      const away = code[offset + u] - mean[u]
      a += away * axes[u]
      b += away * axes[units + u]
    }
    return [a, b]
  }

  // The code at a place of the map.
  code([a, b]) {
    const { map, pair } = this
    const code = map.mean.slice()
    if (pair) [code[pair[0]], code[pair[1]]] = [a, b]
    else for (let u = 0; u < map.units; u++) code[u] += a * map.axes[u] + b * map.axes[map.units + u]
    return code
  }
}
