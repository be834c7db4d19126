// The heading of a page, the drawer of settings on a phone, and the presenter view.

// Up to here the settings lie over the page instead of beside it.
const PHONE = matchMedia("(max-width: 767px)")
// Streamlit's sizes are multiples of the type's.
const PRESENTER_TYPE = "20px"

// The page that is shown.
let shownTitle = ""

export default mounting((root) => new Frame(root), (frame, component) => frame.receive(component.data))

class Frame {
  constructor(root) {
    this.heading = root.querySelector("h1")
    this.leaving = (event) => this.closeDrawer(event)
    document.addEventListener("click", this.leaving, true)
  }

  close() {
    document.removeEventListener("click", this.leaving, true)
  }

  /** @param {{ title: string, presenting: boolean }} told */
  receive({ title, presenting }) {
    this.heading.textContent = title
    // Another page begins at its top.
    if (shownTitle && shownTitle !== title) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0)
    shownTitle = title
    const { style, dataset } = document.documentElement
    style.fontSize = presenting ? PRESENTER_TYPE : ""
    dataset.presenting = presenting ? "true" : "false"
  }

  // The drawer gives way to the page that was chosen in it, and to a tap beside it.
  closeDrawer(event) {
    const drawer = document.querySelector("[data-testid=stSidebar]")
    if (!PHONE.matches || drawer?.getAttribute("data-collapsed") !== "false") return
    const target = event.target instanceof Element ? event.target : null
    const outside = !drawer.contains(target) && target?.closest("[data-testid=stMain], [data-testid=stHeader]")
    const navigates = target?.closest("[data-testid=stSidebarNavLink]")
    // A tap beside the drawer only closes it.
    if (outside) {
      event.preventDefault()
      event.stopPropagation()
    }
    if (outside || navigates) {
      const button = drawer.querySelector("[data-testid=stSidebarCollapseButton] button")
      if (button instanceof HTMLElement) setTimeout(() => button.click())
    }
  }
}
