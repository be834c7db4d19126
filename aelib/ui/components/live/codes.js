// The codes of test images at the step that is looked at: a dot for each, in its class's colour.

// How long dots take to their next place, and a frame of that.
const GLIDE_MS = 220
const GLIDE_FRAME_MS = 28
const MARGIN = 18

class Codes {
  /**
   * @param {LiveView} view
   * @param {HTMLElement} root
   */
  constructor(view, root) {
    this.view = view
    const one = (selector) => root.querySelector(selector)
    this.about = one(".about")
    this.canvas = root.querySelector("canvas")
    this.sparsity = new Sparsity(view, one(".sparsity"))
    this.ui = { grid: one(".grid"), ground: one(".ground") }
    this.ui.grid.onchange = () => view.redraw("codes")
    // One fades out while the next fades in.
    this.grounds = [new GridGround(), new GridGround()]
    this.drawings = new Drawn(view)
    this.clear()
    this.canvas.onkeydown = (event) => this.key(event)
    this.canvas.onpointerdown = (event) => this.press(event)
    this.canvas.onpointermove = (event) => this.hover(event)
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { this.drawings.held = null }
    this.canvas.onpointerleave = () => { this.pointer = null; view.redraw("codes") }
  }

  clear() {
    this.drawings.clear()
    this.grids = [null, null]
    this.gridAt = 0
    this.glide = this.ranged = this.placed = this.pointer = null
    this.drawnPoints = this.drawnGround = null
  }

  // Are the dots drawn as they would be now?
  get drawn() {
    const points = this.view.recording.shown?.points
    return points && points === this.drawnPoints && this.drawnGround === this.ground
  }

  get ground() {
    return getComputedStyle(this.view.host).getPropertyValue("--st-background-color")
  }

  // A drawing is dragged, so that the finger on it does not scroll the page.
  press(event) {
    if (this.drawings.hold([event.offsetX, event.offsetY])) this.canvas.setPointerCapture(event.pointerId)
    this.hover(event)
  }

  key(event) {
    if (event.key === "Escape") this.drawings.putBack()
    else this.view.panels.scrubber.key(event)
  }

  hover(event) {
    if (this.drawings.held !== null && this.codeAt) {
      this.pointer = null
      this.drawings.move(this.codeAt([event.offsetX, event.offsetY]))
      return
    }
    this.pointer = [event.offsetX, event.offsetY]
    this.view.redraw("codes")
  }

  // ---- drawing --------------------------------------------------------------------------------------

  draw() {
    const { theme, recording } = this.view
    const { shown: frame, images, run } = recording
    // First, because it takes room from the map.
    this.sparsity.draw()
    const { ctx, width, height } = prepare(this.canvas)
    ctx.font = theme.font(12)
    this.drawnGround = this.ground
    this.drawnPoints = frame?.points
    this.about.textContent = aboutCodes(run, frame ? placedCount(frame.points) : 0)
    if (!frame || !images) {
      hint(ctx, theme, width, height, run ? "" : "Each dot will be a test image at its latent code")
      this.placed = null
      return
    }
    const scene = this.gliding(this.target(frame.points))
    this.drawGrid(ctx, scene.range, width, height)
    this.placed = this.place(scene, width, height)
    const { labels, classes } = images
    const colour = (label) => theme.classes[label % theme.classes.length]
    const radius = width < 420 ? 2.4 : 3
    const byClass = Array.from(classes, () => [])
    for (let i = 0; i < this.placed.length / 2; i++) if (!Number.isNaN(this.placed[2 * i])) byClass[labels[i]]?.push(i)
    byClass.forEach((members, label) => {
      const stamp = dotStamp(colour(label), radius)
      for (const i of members) stamp(ctx, this.placed[2 * i], this.placed[2 * i + 1])
    })
    if (classes.length > 1) nameGroups(ctx, theme, { width, height }, classes, byClass, this.placed)
    const at = this.placing(scene.range, width, height)
    const [[left, top], [right, bottom]] = [at(0, 0), at(1, 1)]
    /** @type {(place: number[]) => Point} */
    this.codeAt = ([x, y]) => [(x - left) / (right - left), (y - top) / (bottom - top)]
    this.canvas.style.touchAction = this.drawings.there ? "none" : ""
    this.drawings.draw(ctx, theme, at, { width, height })
    this.canvas.dataset.drawings = String(this.drawings.spots.length)
    this.canvas.dataset.first = this.drawings.spots[0]?.place.map(Math.round).join(" ") ?? ""
    this.showUnderPointer(ctx, width, height, colour)
  }

  showUnderPointer(ctx, width, height, colour) {
    const best = this.pointer ? nearestPoint(this.placed, this.pointer) : -1
    if (best < 0) return
    const { probe, labels, classes } = this.view.recording.images
    /** @type {Point} */
    const at = [this.placed[2 * best], this.placed[2 * best + 1]]
    const label = labels[best]
    showThumbnail(ctx, this.view.theme, { at, width, height, images: probe, index: best, colour: colour(label), name: classes[label] })
  }

  // ---- where dots are -------------------------------------------------------------------------------

  /**
   * From a place on the map to the canvas: in the middle of it and with the same scale on both axes.
   *
   * @param {number[]} range
   * @param {number} width
   * @param {number} height
   * @returns {(x: number, y: number) => Point}
   */
  placing(range, width, height) {
    const stretch = Math.min((width - 2 * MARGIN) / (range[2] - range[0]), (height - 2 * MARGIN) / (range[3] - range[1]))
    const unit = Number.isFinite(stretch) && stretch > 0 ? stretch : Math.min(width, height) - 2 * MARGIN
    const middle = [(range[0] + range[2]) / 2, (range[1] + range[3]) / 2]
    return (x, y) => [width / 2 + (x - middle[0]) * unit, height / 2 - (y - middle[1]) * unit]
  }

  place({ points, range }, width, height) {
    const at = this.placing(range, width, height)
    const placed = new Float32Array(points.length)
    for (let i = 0; i < points.length; i += 2) placed.set(at(points[i], points[i + 1]), i)
    return placed
  }

  // Decoded images behind the dots: the one step's become the next one's while the dots move.
  drawGrid(ctx, range, width, height) {
    const grid = this.view.recording.shown.grid
    this.ui.ground.hidden = !grid
    if (grid?.images !== this.grids[1]?.images) {
      this.grids = [this.grids[1], grid]
      this.grounds.reverse()
      this.gridAt = performance.now()
    }
    if (!this.ui.grid.checked) return
    const part = calm.matches ? 1 : Math.min(1, (performance.now() - this.gridAt) / GLIDE_MS)
    const at = this.placing(range, width, height)
    this.grids.forEach((one, k) => {
      const share = k ? (this.grids[0] ? part : 1) : 1 - part
      if (one && share > 0) this.grounds[k].draw(ctx, this.view.theme, one, at, share)
    })
  }

  // The points to draw, and the range that holds them.
  target(points) {
    if (this.ranged?.points === points) return this.ranged
    const [x, y] = [axisRange(points, 0, 2), axisRange(points, 1, 2)]
    this.ranged = { points, range: [x[0], y[0], x[1], y[1]] }
    return this.ranged
  }

  // Between two steps points move, so that the eye can follow them.
  gliding(target) {
    const now = performance.now()
    if (!this.glide || this.glide.from.points.length !== target.points.length || calm.matches) {
      this.glide = { from: target, to: target, began: now }
    } else if (this.glide.to.points !== target.points) {
      this.glide = { from: this.between(now), to: target, began: now }
    }
    const state = this.between(now)
    if (now - this.glide.began < GLIDE_MS && this.glide.from !== this.glide.to) {
      setTimeout(() => this.view.redraw("codes"), GLIDE_FRAME_MS)
    }
    return state
  }

  between(now) {
    const { from, to, began } = this.glide
    const part = Math.min(1, (now - began) / GLIDE_MS)
    if (part >= 1) return to
    const ease = part * (2 - part)
    const mix = (a, b) => Float32Array.from(a, (value, i) => value + (b[i] - value) * ease)
    return { points: mix(from.points, to.points), range: mix(from.range, to.range) }
  }
}

function aboutCodes(run, count) {
  if (!run || !count) return ""
  const units = run.mapUnits
  const map = units === 2 ? "2-D code" : `${units.toLocaleString("en")}-D code, projected by PCA`
  return `${count.toLocaleString("en")} test images · ${map}`
}

// How many of the points x, y are somewhere.
function placedCount(points) {
  let count = 0
  for (let i = 0; i < points.length; i += 2) if (!Number.isNaN(points[i])) count++
  return count
}
