/** A figure's legend, in a page and in a file: symbols in the colours and shapes that the panels have. */
import { colourOf, escapeXml, INK, type LegendEntry, SHAPES } from '../drawing.ts'

/** Paths of the shapes around (11, 6). */
const PATHS: Readonly<Record<(typeof SHAPES)[number], string>> = {
  circle: 'M7,6a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z',
  square: 'M7.5,2.5h7v7h-7Z',
  'triangle-up': 'M11,1.5L15.5,9.5H6.5Z',
  diamond: 'M11,1L15,6L11,11L7,6Z',
  cross: 'M9.5,1.5h3v3h3v3h-3v3h-3v-3h-3v-3h3Z',
  'triangle-down': 'M11,10.5L15.5,2.5H6.5Z',
}
const SYMBOL = { width: 22, height: 12 }

function symbol({ colour, shape, dashed = false }: LegendEntry): string {
  const ink = colour === undefined ? INK : colourOf(colour)
  const line = `<path d="M0,6H22" stroke="${ink}" stroke-width="2"${dashed ? ' stroke-dasharray="4,3"' : ''}/>`
  if (shape === undefined) return line
  return `${line}<path d="${PATHS[SHAPES[shape % SHAPES.length]]}" fill="${ink}"/>`
}

/** As a list beside which the symbols say nothing to a screen reader. */
export function legendHtml(entries: readonly LegendEntry[]): string {
  const items = entries.map(
    entry =>
      `<li><svg width="22" height="12" viewBox="0 0 22 12" aria-hidden="true">${symbol(entry)}</svg>${escapeXml(entry.label)}</li>`,
  )
  return `<ul class="legend">${items.join('')}</ul>`
}

/** As SVG of at most a width, with the height that it takes. */
export function legendSvg(entries: readonly LegendEntry[], width: number): { svg: string; height: number } {
  let [x, y] = [0, 0]
  const parts: string[] = []
  for (const entry of entries) {
    // Six and a half points a letter: about what system fonts have at 12.
    const wanted = SYMBOL.width + 6 + 6.5 * entry.label.length + 16
    if (x > 0 && x + wanted > width) [x, y] = [0, y + 18]
    parts.push(
      `<g transform="translate(${x},${y})">${symbol(entry)}<text x="28" y="10" font-size="12">${escapeXml(entry.label)}</text></g>`,
    )
    x += wanted
  }
  return { svg: parts.join(''), height: entries.length === 0 ? 0 : y + 20 }
}
