// The middle of numbers, the nearest of them, and how an error is written.

/** @param {number[]} values, which are sorted */
function median(values) {
  const sorted = values.sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

/**
 * The index of the number nearest a value.
 *
 * @param {number[]} sorted
 * @param {number} value
 */
function nearest(sorted, value) {
  let best = 0
  sorted.forEach((v, i) => { if (Math.abs(v - value) < Math.abs(sorted[best] - value)) best = i })
  return best
}

/**
 * An error in a width that hardly changes.
 *
 * @param {number} value
 */
function errorText(value) {
  if (value < 0 || value >= 10) return value.toFixed(1)
  return value < 0.001 ? value.toFixed(5) : value.toFixed(4)
}
