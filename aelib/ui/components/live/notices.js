// What there is to say of a run, each a sentence or two: the first in one line, and all of them when it is pressed.

/**
 * @param {HTMLDetailsElement} box
 * @param {Notice[]} notices
 */
function listNotices(box, notices) {
  const key = JSON.stringify(notices)
  if (box.dataset.listed === key) return
  box.dataset.listed = key
  const one = (selector) => box.querySelector(selector)
  box.classList.toggle("none", !notices.length)
  box.classList.toggle("serious", notices.some(({ serious }) => serious))
  if (!notices.length) box.open = false
  one(".first").textContent = notices[0]?.text ?? ""
  one(".more").textContent = notices.length > 1 ? `1 of ${notices.length}` : ""
  // One that can be read whole needs no list.
  const first = one(".first")
  const whole = notices.length === 1 && first.scrollWidth <= first.clientWidth
  box.classList.toggle("whole", whole)
  if (whole) box.open = false
  one("ul").replaceChildren(
    ...notices.map(({ text, serious }) => Object.assign(element("li", serious ? "serious" : ""), { textContent: text })),
  )
}
