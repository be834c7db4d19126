// Draws a report from the data in the page. `Network` (the decoder) and PALETTE come before this file.

const data = JSON.parse(document.getElementById("data").textContent)
const SIDE = 28
const dark = matchMedia("(prefers-color-scheme: dark)")
const tone = () => (dark.matches ? "dark" : "light")
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

// Numbers of 16 bits (IEEE 754 binary16) as 32-bit ones.
function halves(text) {
  const words = new Uint16Array(bytes(text).buffer)
  return Float32Array.from(words, (word) => {
    const [sign, exponent, fraction] = [word & 0x8000 ? -1 : 1, (word >> 10) & 31, word & 1023]
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024)
  })
}

function image(address) {
  return new Promise((resolve) => {
    const picture = new Image()
    picture.onload = () => resolve(picture)
    picture.src = address
  })
}

const error = (value) => (value >= 0.001 ? value.toFixed(5) : value.toExponential(2))

// Curves, as SVG.

function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

function drawCurves(moment) {
  const width = Math.max(300, document.getElementById("curves").clientWidth)
  const [height, left, right, top, bottom] = [width < 600 ? 240 : 320, 52, 98, 12, 40]
  const series = data.curves.filter((one) => one.points.length)
  const values = series.flatMap((one) => one.points.map(([, value]) => value)).filter((value) => value > 0)
  const last = Math.max(1, ...series.flatMap((one) => one.points.map(([step]) => step)))
  const [low, high] = [Math.log10(Math.min(...values)) - 0.05, Math.log10(Math.max(...values)) + 0.05]
  const x = (step) => left + ((width - left - right) * step) / last
  const y = (value) => top + ((height - top - bottom) * (high - Math.log10(Math.max(value, 1e-12)))) / (high - low)
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Errors while the network trained" })
  const text = (at, level, words, more = {}) => root.append(svg("text", { x: at, y: level, fill: ink("--quiet"), "font-size": 12, ...more }, words))
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of high - low > 2.2 ? [1] : high - low > 0.8 ? [1, 2, 5] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]) {
      const value = digit * 10 ** power
      if (Math.log10(value) < low || Math.log10(value) > high) continue
      root.append(svg("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: ink("--line") }))
      text(left - 8, y(value) + 4, Number(value.toPrecision(2)).toString(), { "text-anchor": "end" })
    }
  }
  const rough = last / (width < 600 ? 3 : 6)
  const unit = 10 ** Math.floor(Math.log10(rough))
  const pace = Math.max(1, unit * [1, 2, 5, 10].find((times) => times * unit >= rough))
  for (let step = 0; step <= last; step += pace) text(x(step), height - bottom + 18, step.toLocaleString("en"), { "text-anchor": "middle" })
  text((left + width - right) / 2, height - 4, "step", { "text-anchor": "middle" })
  const labels = []
  for (const { name, key, points } of series) {
    const colour = PALETTE.series[tone()][key]
    const path = points.map(([step, value], i) => `${i ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("")
    const dash = key === "pca" ? { "stroke-dasharray": "6 4" } : {}
    root.append(svg("path", { d: path, fill: "none", stroke: colour, "stroke-width": 2, "stroke-linejoin": "round", ...dash }))
    labels.push({ name, colour, at: y(points.at(-1)[1]) + 4 })
  }
  labels.sort((a, b) => a.at - b.at)
  labels.forEach((label, i) => {
    if (i) label.at = Math.max(label.at, labels[i - 1].at + 15)
    text(width - right + 8, label.at, label.name, { fill: label.colour })
  })
  if (moment) root.append(svg("line", { x1: x(moment.step), x2: x(moment.step), y1: top, y2: height - bottom, stroke: ink("--accent"), "stroke-width": 1.5 }))
  document.getElementById("curves").replaceChildren(root)
}

// Rows of images: the recorded ones are strips of a sheet, one for each moment.

function makeRows() {
  return data.rows.map((row) => {
    const canvas = document.createElement("canvas")
    ;[canvas.width, canvas.height] = [data.shown * (SIDE + 2), SIDE]
    const line = document.createElement("div")
    line.className = "row"
    const label = document.createElement("span")
    label.textContent = row.name
    line.append(label, canvas)
    document.getElementById("rows").append(line)
    return { ...row, canvas }
  })
}

function drawRows(rows, number) {
  for (const { picture, canvas, moving } of rows) {
    const context = canvas.getContext("2d")
    context.clearRect(0, 0, canvas.width, canvas.height)
    for (let i = 0; i < data.shown; i++) {
      context.drawImage(picture, i * SIDE, moving ? number * SIDE : 0, SIDE, SIDE, i * (SIDE + 2) + 1, 0, SIDE, SIDE)
    }
  }
}

// The latent space: the codes of test images on their plane, with images at some of them, and the decoder at the hand.

function makePlane(thumbnails) {
  const { plane } = data
  const canvas = document.getElementById("plane")
  const context = canvas.getContext("2d")
  const points = halves(plane.points)
  const count = points.length / 2
  const [mean, axes] = [halves(plane.mean), halves(plane.axes)]
  const units = mean.length
  const decoder = plane.layers && new Network(plane.layers.map((layer) => ({ ...layer, weight: layer.weight && halves(layer.weight), bias: layer.bias && halves(layer.bias) })))
  const [code, decoded] = [new Float32Array(units), document.getElementById("decoded")]
  const xs = Array.from({ length: count }, (_, i) => points[2 * i])
  const ys = Array.from({ length: count }, (_, i) => points[2 * i + 1])
  const bounds = (numbers) => {
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
    const pad = 0.06 * (most - least) || 1
    return [least - pad, most + pad]
  }
  const [[left, right], [low, high]] = [bounds(xs), bounds(ys)]
  let size = [1, 1, 1]
  const place = (i) => [((xs[i] - left) / (right - left)) * size[0], ((high - ys[i]) / (high - low)) * size[1]]

  function draw() {
    const ratio = devicePixelRatio || 1
    const width = canvas.clientWidth
    size = [width, Math.round(Math.min(width * 0.72, 560)), ratio]
    canvas.style.height = `${size[1]}px`
    ;[canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(size[1] * ratio)]
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.imageSmoothingEnabled = false
    const colours = PALETTE.classes[tone()]
    const taken = new Set()
    for (let i = 0; i < count; i++) {
      const [x, y] = place(i)
      context.fillStyle = colours[plane.labels[i] % colours.length]
      context.beginPath()
      context.arc(x, y, 2.5, 0, 2 * Math.PI)
      context.fill()
    }
    // One image for each place of a grid, so that none covers another.
    const tile = width < 500 ? 26 : 34
    for (let i = 0; i < count; i++) {
      const [x, y] = place(i)
      const key = `${Math.floor(x / tile)},${Math.floor(y / tile)}`
      if (taken.has(key)) continue
      taken.add(key)
      const [atX, atY] = [(Math.floor(x / tile) + 0.5) * tile, (Math.floor(y / tile) + 0.5) * tile]
      const edge = tile - 6
      context.drawImage(thumbnails, (i % plane.columns) * SIDE, Math.floor(i / plane.columns) * SIDE, SIDE, SIDE, atX - edge / 2, atY - edge / 2, edge, edge)
      context.strokeStyle = colours[plane.labels[i] % colours.length]
      context.lineWidth = 1.5
      context.strokeRect(atX - edge / 2, atY - edge / 2, edge, edge)
    }
  }

  function show(a, b) {
    const said = document.getElementById("place")
    said.textContent = `${plane.flat ? "code" : "on the two axes"}: ${a.toFixed(2)}, ${b.toFixed(2)}`
    if (!decoder) {
      said.textContent = "The decoder is too large for this page."
      return
    }
    for (let u = 0; u < units; u++) code[u] = mean[u] + a * axes[u] + b * axes[units + u]
    const values = decoder.run(code)
    const pixels = new ImageData(SIDE, SIDE)
    const planes = values.length / (SIDE * SIDE)
    for (let i = 0; i < SIDE * SIDE; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = 255 * Math.min(1, Math.max(0, values[planes === 3 ? c * SIDE * SIDE + i : i]))
      pixels.data[4 * i + 3] = 255
    }
    decoded.getContext("2d").putImageData(pixels, 0, 0)
  }

  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect()
    show(left + ((event.clientX - box.left) / box.width) * (right - left), high - ((event.clientY - box.top) / box.height) * (high - low))
  })
  plane.classes.forEach((name, i) => {
    const [entry, dot] = [document.createElement("span"), document.createElement("i")]
    entry.append(dot, name)
    entry.dataset.number = i
    document.getElementById("legend").append(entry)
  })
  show((left + right) / 2, (low + high) / 2)
  return () => {
    const colours = PALETTE.classes[tone()]
    for (const entry of document.getElementById("legend").children) entry.firstChild.style.background = colours[entry.dataset.number % colours.length]
    draw()
  }
}

async function main() {
  const rows = makeRows()
  for (const row of rows) row.picture = await image(row.sheet)
  const drawPlane = makePlane(await image(data.plane.sheet))
  const scrubber = document.getElementById("scrubber")
  scrubber.max = Math.max(0, data.moments.length - 1)
  scrubber.value = scrubber.max
  const draw = () => {
    const moment = data.moments[Number(scrubber.value)]
    document.getElementById("moment").textContent = moment ? `Step ${moment.step.toLocaleString("en")}: test MSE ${error(moment.mse)}` : "No moment was recorded."
    drawCurves(moment)
    drawRows(rows, Number(scrubber.value))
  }
  scrubber.addEventListener("input", draw)
  dark.addEventListener("change", () => {
    draw()
    drawPlane()
  })
  addEventListener("resize", () => {
    draw()
    drawPlane()
  })
  draw()
  drawPlane()
}

main()
