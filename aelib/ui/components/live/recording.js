// What the server has told of a run. The frames of recorded steps are kept, so that scrubbing needs no server.

class Recording {
  constructor() {
    this.begin(null)
  }

  // Forgets everything: another run is shown, or other images.
  begin(scene) {
    this.scene = scene
    /** @type {RunFacts | null} */
    this.run = null
    /** @type {DrawnNetwork | null} that of the run */
    this.network = null
    /** @type {RecordedFrame | null} */
    this.newest = null
    /** @type {{ probe: Images, target: Images | null, labels: ArrayLike<number>, classes: string[], shown: number } | null} */
    this.images = null
    /** @type {{ corrupted: Images, mask: Images | null } | null} what new settings make of the images */
    this.preview = null
    /** @type {{ key: string, names: string[], mine: string, images: Images } | null} what visitors drew */
    this.drawings = null
    /** @type {Curve | null} */
    this.curve = null
    /** @type {{ title: string, curve: Curve } | null} */
    this.beside = null
    /** @type {Map<number, RecordedFrame>} */
    this.frames = new Map()
    /** @type {number[]} */
    this.steps = []
    /** @type {number | null} an index into `steps`; null follows the newest frame */
    this.cursor = null
  }

  /** @param {Unpacked} unpacked */
  receive(unpacked) {
    const { array, arrays, images } = unpacked
    /** @type {LiveMessage} */
    const header = unpacked.header
    if (header.pictures) {
      const { probe, target, labels, classes, shown } = header.pictures
      this.images = { probe: images(probe), target: target && images(target), labels: array(labels), classes, shown }
    }
    if (header.preview !== undefined) {
      const { corrupted, mask } = header.preview ?? {}
      this.preview = corrupted ? { corrupted: images(corrupted), mask: mask && images(mask) } : null
    }
    if (header.drawings) this.drawings = { ...header.drawings, images: images(header.drawings.images) }
    if (header.network) this.network = header.network
    if (!header.run) return
    this.run = header.run
    this.curve = arrays(header.curve)
    this.beside = header.beside ? { title: header.beside.title, curve: arrays(header.beside.curve) } : null
    /** @type {(frame: FrameMessage) => RecordedFrame} */
    const unpackFrame = (frame) => ({
      step: frame.step,
      corrupted: images(frame.corrupted),
      output: images(frame.output),
      mask: frame.mask && images(frame.mask),
      // Codes that were not looked at anew are the same array, so that nothing moves or is drawn again.
      points: frame.points ? array(frame.points) : this.newest.points,
      grid: frame.points ? frame.grid && { ...frame.grid, images: images(frame.grid.images) } : this.newest.grid,
      activity: frame.points ? frame.activity && { ...frame.activity, shares: array(frame.activity.shares) } : this.newest.activity,
      cells: frame.cells && array(frame.cells),
      scales: frame.scales && array(frame.scales),
    })
    for (const frame of header.frames) this.frames.set(frame.step, unpackFrame(frame))
    const steps = new Set(header.recorded)
    for (const step of this.frames.keys()) if (!steps.has(step)) this.frames.delete(step)
    const at = this.cursor === null ? null : this.steps[this.cursor]
    this.steps = header.recorded.filter((step) => this.frames.has(step))
    if (at !== null) this.cursor = nearest(this.steps, at)
    if (header.newest) this.newest = unpackFrame(header.newest)
  }

  get shown() {
    return this.cursor === null ? this.newest : this.frames.get(this.steps[this.cursor])
  }

  // The step that is looked at; null where that is the newest.
  get shownStep() {
    return this.cursor === null ? null : this.steps[this.cursor]
  }

  /**
   * The frame nearest a step, the newest for null.
   *
   * @param {number | null} step
   */
  frameAt(step) {
    return step === null || !this.steps.length ? this.newest : this.frames.get(this.steps[nearest(this.steps, step)])
  }

  /** @param {number | null} index into `steps`; null for the newest frame */
  moveTo(index) {
    this.cursor = index === null || index >= this.steps.length - 1 ? null : Math.max(0, index)
  }
}
