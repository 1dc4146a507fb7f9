/** A figure in the report's page, with its numbers to download. */
import { type DrawnFigure, escapeXml, type Figure, PALETTE, SMALL, sizeOfPanel } from '../drawing.ts'
import { csv } from './csv.ts'
import { legendHtml } from './legend.ts'

export function figureHtml({ figure, panels }: DrawnFigure): string {
  const { id, title, description, legend = [] } = figure
  const small = panels.every(panel => sizeOfPanel(panel).width <= SMALL.width)
  const text = `${title}. ${description}`
  const drawings = panels.map(panel => panel.replace('<svg ', '<svg aria-hidden="true" focusable="false" ')).join('\n')
  return `<figure id="figure-${escapeXml(id)}" class="${panels.length === 1 ? 'single' : small ? 'small' : 'several'}">
${legend.length > 0 ? inPalette(legendHtml(legend)) : ''}
<div class="panels" role="img" aria-label="${escapeXml(text)}">${inPalette(drawings)}</div>
<figcaption><b>${escapeXml(title)}.</b> ${escapeXml(description)} ${downloadLink(figure)}</figcaption>
</figure>`
}

/** A link that needs no server: the file is in it. */
const downloadLink = ({ id, title, rows }: Figure) =>
  `<a class="download" download="${escapeXml(id)}.csv" aria-label="Numbers (CSV): ${escapeXml(title)}" ` +
  `href="data:text/csv;charset=utf-8,${encodeURIComponent(csv(rows)).replace(/'/gu, '%27').replace(/%2C/gu, ',').replace(/%20/gu, ' ')}">Numbers (CSV)</a>`

/** Colours of the palette as variables of the page, which are others on dark ground. */
function inPalette(svg: string): string {
  return PALETTE.reduce((text, { light }, place) => text.replaceAll(`"${light}"`, `"var(--series-${place})"`), svg)
}
