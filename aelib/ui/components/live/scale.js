// The scale of the curves over the steps: where a value is drawn, and which values are written beside it.

// How far a line that is only drawn along may stretch the scale.
const STRETCH = { log: 30, linear: 3 }

// The scale of all `curves` (lists of [step, value]), and of those `along` unless they would press everything else flat:
// its ends, and a function from a value to its part of the height, from 0 to 1 for whatever is on the picture.
function curveScale(curves, along, log, signed) {
  // What is not above 0 has no place on a logarithmic scale.
  const drawn = (curve) => curve.map((p) => p[1]).filter((v) => signed || !log || v > 0)
  const all = curves.flatMap(drawn)
  if (!all.length) return null
  let [low, high] = all.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity])
  const most = log ? STRETCH.log : STRETCH.linear
  const [least, greatest] = [low / most, high * most]
  for (const value of along.flatMap(drawn)) {
    if (value >= (log ? least : 0) && value <= greatest) [low, high] = [Math.min(low, value), Math.max(high, value)]
  }
  if (log) {
    low /= 1.15
    high *= 1.15
    return { low, high, at: (v) => Math.log(Math.max(v, 1e-30) / low) / Math.log(high / low) }
  }
  const margin = 0.05 * (high - low) || 1
  ;[low, high] = signed ? [low - margin, high + margin] : [0, 1.05 * high || 1]
  return { low, high, at: (v) => (v - low) / (high - low) }
}

const errorText = (value) => {
  if (value < 0 || value >= 10) return value.toFixed(1)
  return value < 0.001 ? value.toFixed(5) : value.toFixed(4)
}
