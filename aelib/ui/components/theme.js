// The colours to draw in, and what the visitor's system asks for.

// Of the page, in pixels (.streamlit/config.toml), for which the sizes of type on canvases are told.
const USUAL_TYPE = 15

const calm = matchMedia("(prefers-reduced-motion: reduce)")

/**
 * The colours around `host`: numbers for background and text, and the palette for this ground.
 *
 * @param {Element} host
 * @returns {Theme}
 */
function readTheme(host) {
  const style = getComputedStyle(host)
  /** @type {(name: string, fallback: string) => string} */
  const value = (name, fallback) => style.getPropertyValue(name).trim() || fallback
  const background = rgb(value("--st-background-color", "#ffffff"))
  const text = rgb(value("--st-text-color", "#222222"))
  const tone = background[0] * 0.3 + background[1] * 0.6 + background[2] * 0.1 < 128 ? "dark" : "light"
  const family = value("--st-font", "sans-serif")
  // Type on canvases grows with that around them.
  const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_TYPE
  return {
    tone,
    background,
    text,
    font: (size, weight = 400) => `${weight} ${size * scale}px ${family}`,
    accent: value("--st-primary-color", "#4f46c8"),
    classes: PALETTE.classes[tone],
    series: PALETTE.series[tone],
    groups: PALETTE.groups[tone],
    signed: PALETTE.signed[tone].map(rgb),
    ramp: PALETTE.ramp[tone].map(rgb),
    mask: PALETTE.mask[tone].map(rgb),
    ink: (alpha) => `rgba(${text.join(",")},${alpha})`,
  }
}

/**
 * @param {string} colour as CSS writes it
 * @returns {[red: number, green: number, blue: number]}
 */
function rgb(colour) {
  const probe = element("canvas").getContext("2d")
  probe.fillStyle = colour
  const text = probe.fillStyle
  const [red, green, blue] = text.startsWith("#")
    ? [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16))
    : text.match(/[\d.]+/g).map(Number)
  return [red, green, blue]
}
