/** Elements of SVG, made by code. */

const SVG = 'http://www.w3.org/2000/svg'

/** @param attributes numbers are written with at most two decimals */
export function svg(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (Node | string)[]
): SVGElement {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, typeof value === 'number' ? String(Math.round(100 * value) / 100) : value)
  made.append(...children)
  return made
}
