/** The surviving weights of a matrix as a picture, and in words. */
import { byId, element } from './dom.ts'
import { count, percent } from './format.ts'
import type { Description } from './list.ts'
import { errorMessage, type ModelLoader } from './model-loader.ts'
import { PicturePlace } from './paint.ts'
import type { MatrixFacts, ModelFile } from './workers/model-calls.ts'
import type { Painted } from './workers/painting.ts'
import type { ModelWorker } from './workers/start.ts'

/** A matrix in which one sees how pruning prefers some rows: looked at first. */
const FIRST = 'target_embedding.weight'

/** Of a picture, in CSS pixels. */
const MOST_HEIGHT = 640

export class WeightsView {
  readonly #worker: ModelWorker
  readonly #loader: ModelLoader
  readonly #choice = byId<HTMLSelectElement>('tensor')
  readonly #canvas = byId<HTMLCanvasElement>('weights')
  readonly #text = byId('weights-text')
  readonly #place: PicturePlace
  #model: Description | undefined
  #from: ModelFile | undefined
  #matrices: readonly MatrixFacts[] = []
  #asked = 0

  constructor(worker: ModelWorker, loader: ModelLoader) {
    this.#worker = worker
    this.#loader = loader
    this.#choice.addEventListener('change', () => this.#draw())
    this.#place = new PicturePlace(this.#canvas, MOST_HEIGHT, () => this.#draw())
  }

  /** @param model one that has been loaded; the visitor's own may have changed since */
  async show(model: Description): Promise<void> {
    if (model === this.#model && !model.live) return
    this.#model = model
    const asked = ++this.#asked
    try {
      const from = model.live ? undefined : await this.#loader.file(model)
      const matrices = await this.#worker.call('matrices', { from })
      if (asked !== this.#asked) return
      this.#from = from
      this.#matrices = matrices
    } catch (error) {
      if (asked !== this.#asked) return
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

  async #draw(): Promise<void> {
    const matrix = this.#matrices.find(({ name }) => name === this.#choice.value)
    this.#canvas.hidden = !matrix
    if (!matrix || !this.#model) return
    const picture = await this.#worker.call('picture', {
      from: this.#from,
      name: matrix.name,
      ...this.#place.request,
    })
    if (!picture || !this.#matrices.includes(matrix)) return
    this.#place.show(picture)
    this.#text.textContent = describe(matrix, picture, this.#model)
  }
}

function describe(
  { title, rows, columns, kept, block }: MatrixFacts,
  { step, bands }: Painted,
  model: Description,
): string {
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
