// The middle of numbers, and the nearest of them.

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
