// The live view of a run: asks the server for one block of bytes after the other (see channel.py and payload.py), and has
// its panels draw them in place.

const NARROW = 720

// Whoever goes to another page must not be brought back: of two calls for a page at once, the server hears the later.
const LEAVING_MS = 1500
let left = -Infinity
addEventListener("click", (event) => {
  if (event.composedPath().some((one) => one instanceof HTMLAnchorElement)) left = performance.now()
}, true)

export default mounting((root) => new LiveView(root), (view, component) => {
  view.callForPage = () => {
    // It will be called again.
    if (performance.now() - left > LEAVING_MS) component.setTriggerValue("outdated", true)
  }
  view.tell = (name, value) => component.setTriggerValue(name, value)
  view.panels.network.offer(component.data.network, component.data.edits)
  view.connect(component.data.token)
  // The theme may have become another.
  view.redraw()
})

class LiveView {
  constructor(root) {
    this.callForPage = () => {}
    /** @type {(name: string, value: unknown) => void} */
    this.tell = () => {}
    this.box = root.querySelector(".live")
    this.host = root.host ?? root
    this.recording = new Recording()
    this.panels = {
      status: new Status(this, root.querySelector(".status")),
      network: new NetworkPanel(this, root.querySelector(".panel.network")),
      curves: new Curves(this, root.querySelector(".panel.curve")),
      images: new ImageRows(this, root.querySelector(".panel.pictures")),
      codes: new Codes(this, root.querySelector(".panel.codes")),
      scrubber: new Scrubber(this, root.querySelector(".scrub")),
    }
    for (const hand of ["pointerdown", "keydown"]) {
      this.box.addEventListener(hand, (event) => this.panels.scrubber.takeOver(event), true)
    }
    this.observer = new ResizeObserver(() => this.redraw())
    for (const sized of [this.box, this.panels.network.canvas, this.panels.curves.canvas]) this.observer.observe(sized)
  }

  close() {
    this.observer.disconnect()
    this.panels.scrubber.stop()
    this.panels.network.close()
    this.panels.codes.drawings.close()
    cancelAnimationFrame(this.frameRequest)
    this.line?.close()
  }

  // ---- the line to the server -----------------------------------------------------------------------

  connect(token) {
    if (token === this.token) return
    this.token = token
    this.line?.close()
    this.panels.network.unitImages.connect(token)
    this.panels.codes.drawings.connect(token)
    // Asking only when the last message was taken in keeps a slow browser from falling behind.
    const ask = () => this.line.send("next")
    this.line = new Line(`live/${token}`, {
      opened: ask,
      received: (block) => {
        this.broken = false
        this.receive(unpack(block))
        ask()
      },
      broken: () => {
        this.broken = true
        this.redraw("status")
      },
    })
  }

  receive(unpacked) {
    const { header } = unpacked
    const { recording, panels } = this
    if (header.scene !== recording.scene) {
      recording.begin(header.scene)
      panels.curves.clear()
      panels.codes.clear()
      panels.network.clear()
      panels.scrubber.stop()
    }
    recording.receive(unpacked)
    panels.codes.drawings.follow()
    panels.scrubber.playExample()
    panels.scrubber.watch()
    // The buttons around the view do not fit the run any more.
    if (header.outdated) this.callForPage()
    this.redraw("status", "network", "curves", "images", "scrubber", ...(panels.codes.drawn && !header.drawings ? [] : ["codes"]))
  }

  // ---- drawing --------------------------------------------------------------------------------------

  // Draws with the screen's next frame: the named panels, or all.
  redraw(...names) {
    this.dirty ??= new Set()
    for (const name of names.length ? names : Object.keys(this.panels)) this.dirty.add(name)
    this.frameRequest ??= requestAnimationFrame(() => {
      const dirty = this.dirty
      this.frameRequest = this.dirty = null
      if (!this.box.clientWidth) return
      this.narrow = this.box.clientWidth < NARROW
      this.box.classList.toggle("narrow", this.narrow)
      this.theme = readTheme(this.host)
      for (const name of dirty) this.panels[name].draw()
    })
  }
}
