// The ends of an axis, and the numbers on it.

/**
 * The ends of every `stride`th value from `first` on, with a margin; NaN counts for nothing.
 *
 * @param {ArrayLike<number>} values
 * @param {number} first
 * @param {number} stride
 * @returns {[low: number, high: number]}
 */
function axisRange(values, first, stride) {
  let [low, high] = [Infinity, -Infinity]
  for (let i = first; i < values.length; i += stride) {
    if (values[i] < low) low = values[i]
    if (values[i] > high) high = values[i]
  }
  if (low > high) return [-1e-3, 1e-3]
  const margin = (high - low) * 0.04 || 1e-3
  return [low - margin, high + margin]
}

/**
 * About as many round numbers, evenly spaced.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
function linearTicks(low, high, count) {
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)
  const ticks = []
  for (let tick = Math.ceil(low / step) * step; tick <= high * 1.0001; tick += step) ticks.push(Number(tick.toPrecision(9)))
  return ticks
}

/**
 * Round numbers on a logarithmic axis.
 *
 * @param {number} low above 0
 * @param {number} high
 */
function logTicks(low, high) {
  const all = []
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
    for (const m of [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]) all.push(Number((m * 10 ** e).toPrecision(6)))
  }
  const fine = all.filter((tick) => tick >= low && tick <= high)
  const coarse = fine.filter((tick) => "125".includes(tick.toExponential()[0]) && tick.toExponential()[1] !== ".")
  const inside = coarse.length > 2 ? coarse : fine
  const decades = inside.filter((tick) => Math.abs(Math.log10(tick) % 1) < 1e-6)
  return inside.length > 8 && decades.length > 2 ? decades : inside
}

/** @type {(tick: number) => string} */
const tickText = (tick) => (tick !== 0 && Math.abs(tick) < 0.001 ? tick.toExponential(0) : String(tick))
