// Elements, and what is drawn on a canvas.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name of its class
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, name = "") {
  return Object.assign(document.createElement(tag), { className: name })
}

/**
 * A button that plays something, or ends that: few fonts have the sign for the latter, so it is drawn by drawing.css.
 *
 * @param {HTMLElement} button
 * @param {unknown} playing
 */
function showPlaying(button, playing) {
  button.textContent = playing ? "" : "▶"
  button.classList.toggle("playing", Boolean(playing))
}

/**
 * A canvas as sharp as the screen, in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 */
function prepare(canvas) {
  const ratio = devicePixelRatio || 1
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h]
  const ctx = canvas.getContext("2d")
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.clearRect(0, 0, width, height)
  return { ctx, width, height }
}

/**
 * One line in the middle of an empty canvas.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {Theme} theme
 * @param {number} width
 * @param {number} height
 * @param {string} text
 */
function hint(ctx, theme, width, height, text) {
  ctx.fillStyle = theme.ink(0.55)
  ctx.textAlign = "center"
  ctx.textBaseline = "middle"
  ctx.font = theme.font(14)
  ctx.fillText(text, width / 2, height / 2, width - 20)
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function rule(ctx, x1, y1, x2, y2) {
  ctx.beginPath()
  ctx.moveTo(x1, y1)
  ctx.lineTo(x2, y2)
  ctx.stroke()
}

/**
 * A line through the points, or a dot where there is one.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {number[][]} points each x, y
 * @param {string} colour
 * @param {number} width
 */
function stroke(ctx, points, colour, width) {
  ctx.strokeStyle = ctx.fillStyle = colour
  ctx.lineWidth = width
  ctx.lineJoin = "round"
  ctx.beginPath()
  for (const [x, y] of points) ctx.lineTo(x, y)
  if (points.length > 1) ctx.stroke()
  else if (points.length) {
    ctx.arc(points[0][0] + width, points[0][1], width * 1.5, 0, 7)
    ctx.fill()
  }
}
