/** Estimates how long a study will still take, from how long its last epoch and its last measurement took. */
import type { TrainingEvents } from '../training/metrics.ts'
import type { RemainingWork } from './plan.ts'

export class Stopwatch {
  #epochSeconds: number | undefined
  #measurementSeconds: number | undefined

  /**
   * Times the epochs of a training while its events are passed on.
   * @param effort what an epoch of it takes, in epochs of the dense model
   */
  timeTraining(events: TrainingEvents | undefined, effort = 1): TrainingEvents {
    let began = performance.now()
    return {
      onStep: (progress, weights) => events?.onStep?.(progress, weights),
      onBackend: active => events?.onBackend?.(active),
      onEpoch: metrics => {
        // The last epoch may be a part of one: it has fewer tenths.
        this.#epochSeconds = (performance.now() - began) / 1000 / (metrics.losses.length / 10) / effort
        began = performance.now()
        events?.onEpoch?.(metrics)
      },
    }
  }

  async timeMeasurement<T>(measure: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const result = await measure()
    this.#measurementSeconds = (performance.now() - began) / 1000
    return result
  }

  /** @returns undefined as long as nothing of a kind was timed that is still to come */
  secondsFor({ epochs, measurements }: RemainingWork): number | undefined {
    if (this.#measurementSeconds === undefined || (epochs > 0 && this.#epochSeconds === undefined)) return undefined
    return epochs * (this.#epochSeconds ?? 0) + measurements * this.#measurementSeconds
  }
}
