// How Streamlit calls a component.

/**
 * The default export of a component that is an object: made once a mount, told of every update, closed at the end.
 *
 * @template {{ close(): void }} View
 * @param {(root: ParentNode) => View} make
 * @param {(view: View, component: StreamlitComponent) => void} update
 * @returns {(component: StreamlitComponent) => () => void}
 */
function mounting(make, update) {
  const views = new WeakMap()
  return (component) => {
    const root = component.parentElement
    if (!views.has(root)) views.set(root, make(root))
    const view = views.get(root)
    update(view, component)
    return () => {
      view.close()
      views.delete(root)
    }
  }
}
