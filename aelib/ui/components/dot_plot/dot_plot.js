// A dot for each seed, with the mean and its interval. Places are percent of the axis.

export default mounting((root) => new DotPlot(root), (view, component) => view.draw(component.data))

class DotPlot {
  constructor(root) {
    this.root = root.querySelector(".dot-plot")
  }

  close() {}

  draw(panels) {
    this.root.style.setProperty("--seed", readTheme(this.root).series.train)
    this.root.replaceChildren(...panels.map((panel) => this.panel(panel)))
  }

  panel({ groups, ticks }) {
    const section = element("section")
    for (const { title, rows } of groups) {
      if (title) section.append(this.text("h4", "", title))
      section.append(...rows.map((row) => this.row(row, ticks)))
    }
    const axis = element("div", "axis")
    axis.ariaHidden = "true"
    const labels = element("div", "ticks")
    labels.append(...ticks.map(({ at, text }) => this.placed(this.text("span", "", text), at)))
    axis.append(element("div"), labels, element("div"))
    section.append(axis)
    return section
  }

  row({ label, dots, interval, mean, figure }, ticks) {
    const row = element("div", "row")
    const track = element("div", "track")
    track.append(...ticks.map(({ at }) => this.placed(element("span", "line"), at)))
    if (interval) {
      const [low, high] = interval
      const bar = this.placed(element("span", "interval"), low)
      bar.style.width = `${high - low}%`
      track.append(bar, this.placed(element("span", "mean"), mean))
    }
    for (const { at, text } of dots) {
      const dot = this.placed(element("span", "dot"), at)
      dot.title = text
      track.append(dot)
    }
    row.append(this.text("div", "label", label), track, this.text("div", "figure", figure))
    return row
  }

  text(tag, name, text) {
    const made = element(tag, name)
    made.textContent = text
    return made
  }

  placed(made, at) {
    made.style.left = `${at}%`
    return made
  }
}
