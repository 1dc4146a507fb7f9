/** The surviving weights of a matrix as a picture, and in words. */
import { byId, element } from './dom.ts'
import { count, percent } from './format.ts'
import { addressOf, type Description } from './list.ts'
import { type Matrix, type Picture, pictureOf, readMatrices } from './matrices.ts'
import { errorMessage } from './model-loader.ts'

/** A matrix in which one sees how pruning prefers some rows: looked at first. */
const FIRST = 'target_embedding.weight'

/** Of a picture, in CSS pixels. */
const MOST_HEIGHT = 640
/** Of one weight: small matrices are not blown up beyond it. */
const MOST_PIXELS = 4

export class WeightsView {
  readonly #choice = byId<HTMLSelectElement>('tensor')
  readonly #canvas = byId<HTMLCanvasElement>('weights')
  readonly #text = byId('weights-text')
  #model: Description | undefined
  #matrices: readonly Matrix[] = []

  constructor() {
    this.#choice.addEventListener('change', () => this.#draw())
    // Colours are the page's, which change with the visitor's scheme.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw())
    new ResizeObserver(() => this.#draw()).observe(this.#canvas.parentElement!)
  }

  async show(model: Description): Promise<void> {
    if (model === this.#model) return
    this.#model = model
    try {
      const matrices = await readMatrices(addressOf(model))
      if (model !== this.#model) return
      this.#matrices = matrices
    } catch (error) {
      if (model !== this.#model) return
      this.#matrices = []
      this.#text.textContent = errorMessage(error)
    }
    this.#fill()
    this.#draw()
  }

  #fill(): void {
    const chosen = this.#choice.value || FIRST
    this.#choice.replaceChildren(
      ...this.#matrices.map(({ name, title, kept, rows, columns }) =>
        element('option', { value: name }, `${title} (${percent(kept / (rows * columns))} left)`),
      ),
    )
    if (this.#matrices.some(({ name }) => name === chosen)) this.#choice.value = chosen
    this.#choice.disabled = this.#matrices.length === 0
  }

  #draw(): void {
    const matrix = this.#matrices.find(({ name }) => name === this.#choice.value)
    this.#canvas.hidden = !matrix
    if (!matrix) return
    const room = Math.max(64, Math.floor(this.#canvas.parentElement!.clientWidth * devicePixelRatio))
    const picture = pictureOf(matrix, room, Math.floor(MOST_HEIGHT * devicePixelRatio))
    const { width, height } = picture
    // Whole pixels for each cell, so that none is drawn wider than another.
    const pixels = Math.max(1, Math.min(MOST_PIXELS, Math.floor(room / width)))
    Object.assign(this.#canvas, { width, height })
    this.#canvas.style.width = `${(width * pixels) / devicePixelRatio}px`
    paint(this.#canvas, picture)
    this.#text.textContent = describe(matrix, picture, this.#model!)
  }
}

/** One pixel a cell: the style sheet enlarges them. The ground is the canvas's own, between bands the page's. */
function paint(canvas: HTMLCanvasElement, { width, height, density }: Picture): void {
  const image = new ImageData(width, height)
  const [ink, page] = [
    colourOf(getComputedStyle(canvas).color),
    colourOf(getComputedStyle(document.body).backgroundColor),
  ]
  density.forEach((share, i) => {
    const [red, green, blue] = share < 0 ? page : ink
    image.data.set([red, green, blue, share < 0 ? 255 : Math.round(255 * share)], 4 * i)
  })
  canvas.getContext('2d')?.putImageData(image, 0, 0)
}

/** Red, green and blue of a computed colour. */
const colourOf = (computed: string) => (computed.match(/[\d.]+/gu) ?? []).map(Number)

function describe({ title, rows, columns, kept, block }: Matrix, { step, bands }: Picture, model: Description): string {
  const all = rows * columns
  const blocks = block[0] * block[1] > 1 && kept < all ? ` in blocks of ${block[0]} × ${block[1]}` : ''
  const dot = step > 1 ? `one dot is ${step} × ${step} weights, fainter where fewer are left` : 'one dot is one weight'
  const across = rows > columns ? 'rows of the matrix run downwards, one beside the other' : 'rows run across'
  const below = bands > 1 ? `, in ${bands} bands one below the other` : ''
  return (
    `${model.label}. ${title}, ${count(rows)} × ${count(columns)}: ${count(kept)} of ${count(all)} weights are left` +
    `${blocks}, ${percent(kept / all)}. In the picture ${dot}; ${across}${below}.`
  )
}
