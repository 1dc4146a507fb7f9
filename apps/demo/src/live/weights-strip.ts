/** The weights that are left of the visitor's model, as a strip of dots: the softmax, a word of the target language a column. */
import { byId } from '../dom.ts'
import { percent } from '../format.ts'
import { PicturePlace } from '../paint.ts'
import type { ModelWorker } from '../workers/start.ts'
import type { LiveModel } from './live-model.ts'

const MATRIX = 'softmax.weight'
/** In CSS pixels. */
const HEIGHT = 150

export class WeightsStrip {
  readonly #place: PicturePlace
  readonly #worker: ModelWorker
  readonly #live: LiveModel
  /** What the picture is of. */
  #drawn: unknown
  #busy = false

  constructor(worker: ModelWorker, live: LiveModel) {
    this.#worker = worker
    this.#live = live
    this.#place = new PicturePlace(byId<HTMLCanvasElement>('live-weights'), HEIGHT, () => {
      this.#drawn = undefined
      void this.#draw()
    })
    live.onChange(() => this.#draw())
  }

  async #draw(): Promise<void> {
    const { facts, choice } = this.#live
    if (!facts || this.#busy || this.#drawn === facts) return
    this.#busy = true
    try {
      this.#drawn = facts
      const picture = await this.#worker.call('picture', { name: MATRIX, ...this.#place.request })
      if (!picture) return
      this.#place.show(picture)
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
