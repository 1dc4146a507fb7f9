/** BLEU against bytes as a picture: a dot for each model, a path for the visitor's. The table beside it has the numbers. */
import { byId } from './dom.ts'
import { size } from './format.ts'
import { type Description, isDense } from './list.ts'
import { svg } from './svg.ts'

const [WIDTH, HEIGHT] = [640, 300]
const MARGIN = { left: 44, right: 24, top: 16, bottom: 42 }

export function drawTradeoff(models: readonly Description[]): void {
  const place = byId('tradeoff')
  const shown = models.filter(({ bleu, bytes }) => bleu !== undefined && bytes > 0)
  byId('tradeoff-figure').hidden = shown.length < 2
  if (shown.length < 2) return
  const sizes = shown.map(({ bytes }) => Math.log(bytes))
  const [least, most] = [Math.min(...sizes) - 0.2, Math.max(...sizes) + 0.2]
  const x = (bytes: number) =>
    MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * (Math.log(bytes) - least)) / (most - least)
  const y = (bleu: number) => HEIGHT - MARGIN.bottom - ((HEIGHT - MARGIN.top - MARGIN.bottom) * bleu) / 100
  const picture = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    focusable: 'false',
    role: 'img',
    'aria-labelledby': 'tradeoff-text',
  })
  for (const bleu of [0, 25, 50, 75, 100])
    picture.append(
      svg('path', { class: 'grid', d: `M${MARGIN.left} ${y(bleu)}H${WIDTH - MARGIN.right}` }),
      svg('text', { class: 'tick', x: MARGIN.left - 8, y: y(bleu) + 4, 'text-anchor': 'end' }, String(bleu)),
    )
  for (const bytes of byteTicks(Math.exp(least), Math.exp(most)))
    picture.append(svg('text', { class: 'tick', x: x(bytes), y: HEIGHT - 22, 'text-anchor': 'middle' }, size(bytes)))
  picture.append(
    svg(
      'text',
      { class: 'tick', x: WIDTH / 2, y: HEIGHT - 4, 'text-anchor': 'middle' },
      'size of the file (logarithmic)',
    ),
    svg('text', { class: 'tick', x: MARGIN.left, y: 11 }, 'BLEU'),
    ...dots(shown, x, y),
  )
  place.replaceChildren(picture)
  byId('tradeoff-text').textContent = shown
    .map(({ label, bytes, bleu }) => `${label}: ${size(bytes)}, BLEU ${bleu?.toFixed(1)}`)
    .join('; ')
}

/** Dots with their labels, which step aside where they would meet. */
function dots(models: readonly Description[], x: (bytes: number) => number, y: (bleu: number) => number): SVGElement[] {
  const labels: { x: number; y: number }[] = []
  return [...models]
    .sort((a, b) => a.bytes - b.bytes)
    .flatMap(model => {
      const at = { x: x(model.bytes), y: y(model.bleu ?? 0) }
      const label = { x: at.x, y: at.y + 22 }
      while (labels.some(other => Math.abs(other.x - label.x) < 130 && Math.abs(other.y - label.y) < 16)) label.y += 16
      if (label.y > HEIGHT - MARGIN.bottom - 2) label.y = at.y - 12
      labels.push(label)
      const anchor = at.x > WIDTH - 110 ? 'end' : at.x < 110 ? 'start' : 'middle'
      const kind = model.live ? 'dot live' : isDense(model) ? 'dot dense' : 'dot'
      return [
        svg('circle', { class: kind, cx: at.x, cy: at.y, r: model.live ? 8 : 6 }),
        svg('text', { class: 'title', x: label.x, y: label.y, 'text-anchor': anchor }, model.label),
      ]
    })
}

/** 1, 2 and 5 times powers of ten. */
function byteTicks(least: number, most: number): number[] {
  const ticks: number[] = []
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10)
    for (const times of [1, 2, 5]) if (times * power >= least && times * power <= most) ticks.push(times * power)
  return ticks
}
