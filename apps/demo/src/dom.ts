/** Elements made by code. Whatever was typed or translated goes in as text, so that nothing of it is read as HTML. */

export type Child = Node | string | undefined | false

/** An element with attributes and children; what is undefined or false is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value)
  made.append(...children.filter(child => child !== undefined && child !== false))
  return made
}

/** An element of the page. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found as T
}

/** Shows a message, or hides its place where there is none. */
export function setMessage(place: HTMLElement, message: string | undefined): void {
  const text = message ?? ''
  // What is the same is not said again.
  if (place.textContent !== text) place.textContent = text
  place.hidden = text === ''
}
