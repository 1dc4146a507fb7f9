/** BLEU against bytes as a picture: a dot for each model, a path for the visitor's. The table beside it has the numbers. */
import { byId } from './dom.ts'
import { size } from './format.ts'
import { type Description, isDense } from './list.ts'
import { svg } from './svg.ts'

const [WIDE, NARROW, HEIGHT] = [640, 350, 300]
/** About the width of a letter. */
const LETTER = 6.8

interface Scale {
  readonly width: number
  x(bytes: number): number
  y(bleu: number): number
}
const MARGIN = { left: 44, right: 24, top: 16, bottom: 42 }

export function drawTradeoff(models: readonly Description[]): void {
  const place = byId('tradeoff')
  const shown = models.filter(({ bleu, bytes }) => bleu !== undefined && bytes > 0)
  byId('tradeoff-figure').hidden = shown.length < 2
  if (shown.length < 2) return
  const width = matchMedia('(max-width: 40rem)').matches ? NARROW : WIDE
  const sizes = shown.map(({ bytes }) => Math.log(bytes))
  const [least, most] = [Math.min(...sizes) - 0.2, Math.max(...sizes) + 0.2]
  const x = (bytes: number) =>
    MARGIN.left + ((width - MARGIN.left - MARGIN.right) * (Math.log(bytes) - least)) / (most - least)
  const y = (bleu: number) => HEIGHT - MARGIN.bottom - ((HEIGHT - MARGIN.top - MARGIN.bottom) * bleu) / 100
  const picture = svg('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    focusable: 'false',
    role: 'img',
    'aria-labelledby': 'tradeoff-text',
  })
  for (const bleu of [0, 25, 50, 75, 100])
    picture.append(
      svg('path', { class: 'grid', d: `M${MARGIN.left} ${y(bleu)}H${width - MARGIN.right}` }),
      svg('text', { class: 'tick', x: MARGIN.left - 8, y: y(bleu) + 4, 'text-anchor': 'end' }, String(bleu)),
    )
  for (const bytes of byteTicks(Math.exp(least), Math.exp(most)))
    picture.append(svg('text', { class: 'tick', x: x(bytes), y: HEIGHT - 22, 'text-anchor': 'middle' }, size(bytes)))
  picture.append(
    svg(
      'text',
      { class: 'tick', x: width / 2, y: HEIGHT - 4, 'text-anchor': 'middle' },
      'size of the file (logarithmic)',
    ),
    svg('text', { class: 'tick', x: MARGIN.left, y: 11 }, 'BLEU'),
    ...dots(shown, { x, y, width }),
  )
  place.replaceChildren(picture)
  byId('tradeoff-text').textContent = shown
    .map(({ label, bytes, bleu }) => `${label}: ${size(bytes)}, BLEU ${bleu?.toFixed(1)}`)
    .join('; ')
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const meet = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** Dots with their labels: below a dot where there is room, else above it or further below. */
function dots(models: readonly Description[], { x, y, width }: Scale): SVGElement[] {
  const places = models.map(model => ({ model, x: x(model.bytes), y: y(model.bleu ?? 0) }))
  const taken: Box[] = places.map(at => ({ left: at.x - 8, right: at.x + 8, top: at.y - 8, bottom: at.y + 8 }))
  return places.flatMap(({ model, ...at }) => {
    const half = (model.label.length * LETTER) / 2
    const middle = Math.min(width - half, Math.max(half, at.x))
    const boxes = [22, -12, 38, 54, 70].map(down => boxOf(middle, at.y + down, half))
    const box = boxes.find(each => !taken.some(other => meet(each, other))) ?? boxes[0]
    taken.push(box)
    const kind = model.live ? 'dot live' : isDense(model) ? 'dot dense' : 'dot'
    return [
      svg('circle', { class: kind, cx: at.x, cy: at.y, r: model.live ? 8 : 6 }),
      svg('text', { class: 'title', x: middle, y: box.bottom - 3, 'text-anchor': 'middle' }, model.label),
    ]
  })
}

/** Of a line of text whose letters stand on `y`. */
const boxOf = (middle: number, y: number, half: number): Box => ({
  left: middle - half,
  right: middle + half,
  top: y - 11,
  bottom: y + 3,
})

/** 1, 2 and 5 times powers of ten. */
function byteTicks(least: number, most: number): number[] {
  const ticks: number[] = []
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10)
    for (const times of [1, 2, 5]) if (times * power >= least && times * power <= most) ticks.push(times * power)
  return ticks
}
