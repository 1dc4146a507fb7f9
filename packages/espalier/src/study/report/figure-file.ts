/** A figure as a file of its own: title, legend and panels in one SVG on white, for slides and papers. */
import { type DrawnFigure, escapeXml, sizeOfPanel } from '../drawing.ts'
import { legendSvg } from './legend.ts'

/** The width that panels are laid out in. */
const WIDTH = 660
const GAP = 10

export function figureFile({ figure, panels }: DrawnFigure): string {
  const [first] = panels
  const { width, height } = first === undefined ? { width: WIDTH, height: 0 } : sizeOfPanel(first)
  const columns = Math.max(1, Math.min(panels.length, Math.floor((WIDTH + GAP) / (width + GAP))))
  const total = Math.max(columns * (width + GAP) - GAP, 360)
  const legend = legendSvg(figure.legend ?? [], total)
  const top = 28 + legend.height
  const placed = panels.map((panel, i) => {
    const [x, y] = [(i % columns) * (width + GAP), top + Math.floor(i / columns) * (height + GAP)]
    return panel.replace('<svg ', `<svg x="${x}" y="${y}" `)
  })
  const bottom = top + Math.ceil(panels.length / columns) * (height + GAP)
  const [w, h] = [total + 2 * GAP, bottom + GAP]
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-label="${escapeXml(
    `${figure.title}. ${figure.description}`,
  )}" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" color="#1b1f1a" fill="currentColor" font-family="system-ui, sans-serif">
<rect width="${w}" height="${h}" fill="#fff"/>
<g transform="translate(${GAP},${GAP})"><text y="12" font-size="13" font-weight="600">${escapeXml(figure.title)}</text>
<g transform="translate(0,24)">${legend.svg}</g>
${placed.join('\n')}</g>
</svg>
`
}
