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

/**
 * The axis of steps from 0 to the last: the part of its length at a step, the other way round, and round numbers on it.
 * The logarithm is of the step plus 1, so that step 0 has a place.
 *
 * @param {number} last
 * @param {boolean} log
 */
function stepScale(last, log) {
  if (!log) {
    /** @type {(count: number) => number[]} */
    const ticks = (count) => linearTicks(0, last, count)
    return { part: (step) => step / last, step: (part) => part * last, ticks }
  }
  const long = Math.log1p(last)
  const powers = Array.from({ length: Math.floor(Math.log10(last)) + 1 }, (_, power) => 10 ** power)
  return { part: (step) => Math.log1p(step) / long, step: (part) => Math.expm1(part * long), ticks: () => [0, ...powers] }
}
