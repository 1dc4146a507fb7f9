/** The weights that are left of the visitor's model, as a strip of dots: the softmax, a word of the target language a column. */
import { byId } from '../dom.ts'
import { percent } from '../format.ts'
import { pictureRequest, show } from '../paint.ts'
import type { ModelWorker } from '../workers/start.ts'
import type { LiveModel } from './live-model.ts'

const MATRIX = 'softmax.weight'
/** In CSS pixels. */
const HEIGHT = 150

export class WeightsStrip {
  readonly #canvas = byId<HTMLCanvasElement>('live-weights')
  readonly #worker: ModelWorker
  readonly #live: LiveModel
  /** What the picture is of. */
  #drawn: unknown
  #busy = false

  constructor(worker: ModelWorker, live: LiveModel) {
    this.#worker = worker
    this.#live = live
    const again = () => {
      this.#drawn = undefined
      void this.#draw()
    }
    live.onChange(() => this.#draw())
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again)
    new ResizeObserver(again).observe(this.#canvas.parentElement!)
  }

  async #draw(): Promise<void> {
    const { facts, choice } = this.#live
    if (!facts || this.#busy || this.#drawn === facts) return
    this.#busy = true
    try {
      this.#drawn = facts
      const place = pictureRequest(this.#canvas, HEIGHT)
      const picture = await this.#worker.call('picture', { name: MATRIX, ...place })
      if (!picture) return
      show(this.#canvas, picture, place.width)
      byId('live-weights-text').textContent =
        `The weights of the softmax that are left when ${percent(choice.fraction)} of all are pruned, ` +
        (picture.step > 1 ? `a dot for ${picture.step} × ${picture.step} of them.` : 'a dot for each.')
    } catch {
      // The model's own place says what failed.
    } finally {
      this.#busy = false
    }
    if (this.#drawn !== this.#live.facts) void this.#draw()
  }
}
