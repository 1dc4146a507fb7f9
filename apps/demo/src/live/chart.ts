/** A curve over seconds, with a line for what it is compared with. Drawn as SVG, described in words beside it. */
import { svg } from '../svg.ts'
import type { Point } from './retraining.ts'

const [WIDTH, HEIGHT] = [320, 150]
const MARGIN = { left: 34, right: 10, top: 10, bottom: 22 }
/** Points that are drawn at most. */
const MOST_POINTS = 200

export interface ChartOptions {
  /** The value at the top; default: the largest of them. */
  readonly most?: number
  /** A value to compare with. */
  readonly reference?: { readonly value: number; readonly label: string }
  readonly dots?: boolean
  readonly digits: number
}

export function drawChart(place: Element, points: readonly Point[], options: ChartOptions): void {
  const seconds = Math.max(10, points.at(-1)?.seconds ?? 0)
  const most = options.most ?? Math.max(1, ...points.map(({ value }) => value))
  const x = (at: number) => MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * at) / seconds
  const y = (value: number) => HEIGHT - MARGIN.bottom - ((HEIGHT - MARGIN.top - MARGIN.bottom) * value) / most
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, focusable: 'false' })
  for (const tick of [0, most / 2, most])
    picture.append(
      svg('path', { class: 'grid', d: `M${MARGIN.left} ${y(tick).toFixed(1)}H${WIDTH - MARGIN.right}` }),
      svg(
        'text',
        { class: 'tick', x: MARGIN.left - 6, y: y(tick) + 4, 'text-anchor': 'end' },
        tick.toFixed(options.digits),
      ),
    )
  for (const tick of secondsTicks(seconds))
    picture.append(svg('text', { class: 'tick', x: x(tick), y: HEIGHT - 6, 'text-anchor': 'middle' }, `${tick} s`))
  const { reference } = options
  if (reference)
    picture.append(
      svg('path', {
        class: 'reference',
        d: `M${MARGIN.left} ${y(reference.value).toFixed(1)}H${WIDTH - MARGIN.right}`,
      }),
      svg(
        'text',
        { class: 'tick', x: WIDTH - MARGIN.right, y: y(reference.value) + 13, 'text-anchor': 'end' },
        reference.label,
      ),
    )
  const drawn = thin(points)
  const path = drawn.map(({ seconds, value }) => `${x(seconds).toFixed(1)} ${y(Math.min(most, value)).toFixed(1)}`)
  if (path.length > 0) picture.append(svg('path', { class: 'curve', d: `M${path.join('L')}` }))
  if (options.dots)
    for (const point of drawn)
      picture.append(svg('circle', { class: 'dot', cx: x(point.seconds), cy: y(point.value), r: 3 }))
  place.replaceChildren(picture)
}

/** Some of many points: the means of equal parts. */
function thin(points: readonly Point[]): readonly Point[] {
  const size = Math.ceil(points.length / MOST_POINTS)
  if (size <= 1) return points
  const thinned: Point[] = []
  for (let from = 0; from < points.length; from += size) {
    const part = points.slice(from, from + size)
    thinned.push({ seconds: part[part.length - 1].seconds, value: part.reduce((n, p) => n + p.value, 0) / part.length })
  }
  return thinned
}

function secondsTicks(seconds: number): number[] {
  const step = [5, 10, 15, 30, 60, 120, 300].find(each => seconds / each <= 4) ?? 600
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step)
}
