// How points in two or three dimensions are seen on a canvas.

// Between the outermost points and the edge, in CSS pixels.
const MARGIN = 18

// [low…, high…] of every axis, and the distance of the point that is farthest from the middle.
function rangeOf(points, dims) {
  const axes = Array.from({ length: dims }, (_, k) => axisRange(points, k, dims))
  let farthest = 0
  for (let i = 0; i < points.length; i += dims) {
    farthest = Math.max(farthest, Math.hypot(...axes.map(([low, high], k) => points[i + k] - (low + high) / 2)))
  }
  return Float32Array.from([...axes.map(([low]) => low), ...axes.map(([, high]) => high), farthest])
}

// A function from a point to [x, y, depth from -1 to 1], y upwards, the same scale on all axes, seen from far away.
function lensOf(range, dims, width, height, yaw, pitch) {
  const middle = Array.from({ length: dims }, (_, k) => (range[k] + range[dims + k]) / 2)
  const extent = Array.from({ length: dims }, (_, k) => range[dims + k] - range[k])
  if (dims === 2) {
    const fits = Math.min((width - 2 * MARGIN) / extent[0], (height - 2 * MARGIN) / extent[1])
    const unit = Number.isFinite(fits) && fits > 0 ? fits : 1
    return (p) => [width / 2 + (p[0] - middle[0]) * unit, height / 2 - (p[1] - middle[1]) * unit, 0]
  }
  // However the cloud is turned, all of it is seen.
  const reach = range[2 * dims] || 1
  const unit = (Math.min(width, height) / 2 - MARGIN / 2) / reach
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)]
  return (p) => {
    const [x, y, z] = [p[0] - middle[0], p[1] - middle[1], p[2] - middle[2]]
    const [across, away] = [cy * x + sy * z, cy * z - sy * x]
    return [width / 2 + across * unit, height / 2 - (cp * y - sp * away) * unit, (sp * y + cp * away) / reach]
  }
}
