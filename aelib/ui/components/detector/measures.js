// What comes of a threshold, given the scores of both groups in ascending order. As aelib/analysis/anomalies/thresholds.py:
// what is above the threshold is flagged.

// How many of the ascending `scores` are above the threshold.
function above(scores, threshold) {
  let [low, high] = [0, scores.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (scores[middle] > threshold) high = middle
    else low = middle + 1
  }
  return scores.length - low
}

// The lowest threshold above which at most so many percent of the ascending scores lie.
function flagging(scores, percent) {
  const kept = scores.length - Math.floor((percent / 100) * scores.length + 1e-9)
  return kept ? scores[kept - 1] : -Infinity
}

function thresholdOf({ by, value }, { normal, anomalous, every }) {
  if (by === "alarms") return flagging(normal, value)
  if (by === "quantile") return flagging(every, value)
  if (by === "hand") return value
  let [best, least] = [-Infinity, normal.length]
  for (const candidate of every) {
    const cost = value * (anomalous.length - above(anomalous, candidate)) + above(normal, candidate)
    if (cost < least) [best, least] = [candidate, cost]
  }
  return best
}

// Points [false-alarm rate, share of anomalies found, precision] of every threshold, the highest first.
function operatingPoints({ normal, anomalous, every }) {
  const points = [[0, 0, 1]]
  for (let i = every.length - 1; i >= -1; i--) {
    if (i >= 0 && every[i] === every[i + 1]) continue
    const threshold = i < 0 ? -Infinity : every[i]
    const [alarms, hits] = [above(normal, threshold), above(anomalous, threshold)]
    if (hits + alarms) points.push([alarms / normal.length, hits / anomalous.length, hits / (hits + alarms)])
  }
  return points
}
