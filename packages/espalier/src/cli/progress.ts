/** How long work is shown: a bar on a terminal, a line from time to time elsewhere; on standard error always. */
import { type Options, SingleBar } from 'cli-progress'
import { onAbruptEnd } from '../storage/cleanup.ts'
import type { ActiveBackend } from '../training/backend-choice.ts'
import type { EpochMetrics, StepProgress, TrainingEvents } from '../training/metrics.ts'
import { describeChanges } from '../training/setting-changes.ts'
import { duration, note, thousands } from './output.ts'

/** A bar on standard error that gives the cursor back at an abrupt end, too. */
class Bar {
  readonly #bar: SingleBar
  #withdraw: (() => void) | undefined

  constructor(format: string, options: Options = {}) {
    this.#bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, barsize: 20, ...options })
  }

  show(done: number, total: number, values: object): void {
    if (this.#withdraw === undefined) {
      this.#bar.start(total, done, values)
      this.#withdraw = onAbruptEnd(() => this.#bar.stop())
    }
    this.#bar.update(done, values)
  }

  /** Ends the bar, if it was shown; it can be shown anew. */
  stop(): void {
    if (this.#withdraw === undefined) return
    this.#bar.stop()
    this.#withdraw()
    this.#withdraw = undefined
  }
}

/** Shows training: a bar on a terminal, a line from time to time elsewhere. */
export function trainingProgress(label: string): TrainingEvents & { stop(): void } {
  const terminal = process.stderr.isTTY === true
  const bar = new Bar(
    `${label} {bar} {percentage}% | loss {loss} | perplexity {perplexity} | {rate} target words/s | {left} left`,
  )
  let [shown, words, seconds, loss, since] = [performance.now(), 0, 0, 0, 0]
  const show = ({ step, totalSteps, endsEarly, epoch }: StepProgress) => {
    const rate = words / seconds
    const left = `${endsEarly ? 'at most ' : ''}${duration(((totalSteps - step) * seconds) / since)}`
    const mean = loss / words
    const values = { loss: mean.toFixed(3), perplexity: Math.exp(mean).toFixed(1), rate: thousands(rate), left }
    if (terminal) bar.show(step, totalSteps, values)
    else
      note(
        `${label}: epoch ${epoch + 1}, step ${step}/${totalSteps}, loss ${values.loss}, perplexity ${values.perplexity}, ${values.rate} target words/s, ${left} left`,
      )
    ;[words, seconds, loss, since, shown] = [0, 0, 0, 0, performance.now()]
  }
  return {
    onStep(progress) {
      words += progress.words
      seconds += progress.seconds
      loss += progress.loss * progress.words
      since++
      if (performance.now() - shown > (terminal ? 500 : 15_000)) show(progress)
    },
    onBackend: active => note(`${label}: ${describeBackend(active)}`),
    onResume({ epoch, step, changes }) {
      const changed = describeChanges(changes)
      note(`${label}: goes on after step ${step}, in epoch ${epoch + 1}${changed && `, with ${changed}`}`)
    },
    onEpoch(metrics) {
      bar.stop()
      note(`${label}: ${describeEpoch(metrics)}`)
    },
    stop: () => bar.stop(),
  }
}

/** `runs in WebAssembly, 14 matrices as kept weights alone (90.0 % of the weights are pruned, …)` */
export function describeBackend({ name, sparse, reason }: ActiveBackend): string {
  const where = name === 'onnx' ? 'ONNX Runtime' : name === 'wasm' ? 'WebAssembly' : name
  const how = sparse === 0 ? '' : `, ${sparse} ${sparse === 1 ? 'matrix' : 'matrices'} as kept weights alone`
  return `runs in ${where}${how} (${reason})`
}

export function describeEpoch({ epoch, trainPerplexity, validPerplexity, best }: EpochMetrics): string {
  return `epoch ${epoch}: perplexity ${trainPerplexity.toFixed(2)} in training, ${validPerplexity.toFixed(2)} on validation text${best ? ' (best so far)' : ''}`
}

export interface WorkProgress {
  /** @param done how much is done so far, in the unit of the total */
  update(done: number): void
  stop(): void
}

export interface WorkOptions {
  /** In what work is counted: `sentences`, `bytes`. */
  readonly unit: string
  /** How much there is to do; undefined where it is not known, as with standard input. */
  readonly total?: number
  /** Nothing is shown, as where results appear on the same terminal. */
  readonly silent?: boolean
}

/** Milliseconds from one sign of life to the next: of the bar on a terminal, and of lines elsewhere. */
const BAR_INTERVAL = 200
const LINE_INTERVAL = 15_000

/** Shows work that is counted: a bar on a terminal, a line from time to time elsewhere, with rate and time left. */
export function workProgress(label: string, { unit, total, silent = false }: WorkOptions): WorkProgress {
  if (silent) return { update: () => {}, stop: () => {} }
  const terminal = process.stderr.isTTY === true && total !== undefined
  const format = `${label} {bar} {percentage}% | {value} of {total} ${unit} | {rate}/s | {left} left`
  const bar = new Bar(format, { clearOnComplete: true })
  const began = performance.now()
  let shown = began
  return {
    update(done) {
      const now = performance.now()
      if (done === 0 || now - shown < (terminal ? BAR_INTERVAL : LINE_INTERVAL)) return
      shown = now
      const rate = (1000 * done) / (now - began)
      const left = total === undefined ? undefined : duration((total - done) / rate)
      if (terminal) bar.show(done, total, { rate: thousands(rate), left })
      else {
        const share = total === undefined ? '' : ` of ${thousands(total)}`
        note(`${label}: ${thousands(done)}${share} ${unit}, ${thousands(rate)}/s${left ? `, ${left} left` : ''}`)
      }
    },
    stop: () => bar.stop(),
  }
}
