/** An espalier with as many of its leaves as the chosen model has of its weights. A picture beside the text, no more. */
import { svg } from './svg.ts'

const [WIDTH, HEIGHT] = [220, 132]
const WIRES = [34, 66, 98]
const LEAVES_A_BRANCH = 17

export class Tree {
  readonly #leaves: SVGElement[] = []

  constructor(place: HTMLElement) {
    const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, focusable: 'false' })
    const middle = WIDTH / 2
    for (const y of WIRES) picture.append(svg('path', { class: 'wire', d: `M4 ${y}H${WIDTH - 4}` }))
    picture.append(svg('path', { class: 'wood trunk', d: `M${middle} ${HEIGHT - 4}V${WIRES[0]}` }))
    for (const y of WIRES)
      for (const side of [-1, 1]) {
        const end = middle + side * (middle - 14)
        picture.append(
          svg('path', {
            class: 'wood',
            d: `M${middle} ${y + 12}C${middle + side * 10} ${y} ${middle + side * 22} ${y} ${middle + side * 34} ${y}H${end}`,
          }),
        )
        for (let i = 0; i < LEAVES_A_BRANCH; i++) this.#leaves.push(leaf(middle + side * (24 + i * 4.3), y, i))
      }
    // The order in which they fall: anywhere, and always the same.
    this.#leaves.sort((a, b) => Number(a.dataset.order) - Number(b.dataset.order))
    picture.append(...this.#leaves)
    place.replaceChildren(picture)
  }

  /** @param share of leaves that are left */
  show(share: number): void {
    const left = Math.round(share * this.#leaves.length)
    for (const [i, leaf] of this.#leaves.entries()) leaf.classList.toggle('gone', i >= left)
  }
}

let drawn = 0

function leaf(x: number, y: number, i: number): SVGElement {
  // Steps of the golden section spread leaves and their order evenly.
  const order = (++drawn * 0.618_034) % 1
  const up = i % 2 === 0 ? -1 : 1
  const turn = up * (35 + 30 * ((order * 7) % 1))
  const made = svg('path', {
    class: 'leaf',
    d: 'M0 0C2 -4 8 -5 12 -1C8 3 3 3 0 0Z',
    transform: `translate(${x.toFixed(1)} ${y}) rotate(${turn.toFixed(0)}) scale(${(0.8 + 0.35 * order).toFixed(2)})`,
  })
  made.dataset.order = String(order)
  return made
}
