/** How long work is shown: a bar on a terminal, a line from time to time elsewhere; on standard error always. */
import { SingleBar } from 'cli-progress'
import type { EpochMetrics, StepProgress, TrainingEvents } from '../training/metrics.ts'
import { describeChanges } from '../training/setting-changes.ts'
import { duration, note, thousands } from './output.ts'

/** Shows training: a bar on a terminal, a line from time to time elsewhere. */
export function trainingProgress(label: string): TrainingEvents & { stop(): void } {
  const terminal = process.stderr.isTTY === true
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}% | loss {loss} | perplexity {perplexity} | {rate} target words/s | {left} left`,
    stream: process.stderr,
    hideCursor: true,
    barsize: 20,
  })
  let [started, shown, words, seconds, loss, since] = [false, performance.now(), 0, 0, 0, 0]
  const show = ({ step, totalSteps, epoch }: StepProgress) => {
    const rate = words / seconds
    const left = duration(((totalSteps - step) * seconds) / since)
    const mean = loss / words
    const values = { loss: mean.toFixed(3), perplexity: Math.exp(mean).toFixed(1), rate: thousands(rate), left }
    if (terminal) {
      if (!started) bar.start(totalSteps, step, values)
      bar.update(step, values)
    } else
      note(
        `${label}: epoch ${epoch + 1}, step ${step}/${totalSteps}, loss ${values.loss}, perplexity ${values.perplexity}, ${values.rate} target words/s, ${left} left`,
      )
    started = true
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
    onResume({ epoch, step, changes }) {
      const changed = describeChanges(changes)
      note(`${label}: goes on after step ${step}, in epoch ${epoch + 1}${changed && `, with ${changed}`}`)
    },
    onEpoch(metrics) {
      if (terminal && started) bar.stop()
      started = false
      note(`${label}: ${describeEpoch(metrics)}`)
    },
    stop() {
      if (terminal && started) bar.stop()
    },
  }
}

export function describeEpoch({ epoch, trainPerplexity, validPerplexity, best }: EpochMetrics): string {
  return `epoch ${epoch}: perplexity ${trainPerplexity.toFixed(2)} in training, ${validPerplexity.toFixed(2)} on validation text${best ? ' (best so far)' : ''}`
}
