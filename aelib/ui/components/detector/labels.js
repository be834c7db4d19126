// The labels on both sides of the threshold.

const LABEL_GAP = 6

// Where two labels of these widths meet: at the line, or as near to it as both stay inside the chart.
function meeting(line, [left, right], [before, after]) {
  return Math.min(right - after - LABEL_GAP, Math.max(left + before + LABEL_GAP, line))
}
