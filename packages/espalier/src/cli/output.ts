/** What the command line shows: results on standard output, everything else on standard error. */
import { SingleBar } from 'cli-progress'
import type { EpochMetrics, Progress, TrainerEvents } from '../training/trainer.ts'

export const print = (line = '') => void process.stdout.write(`${line}\n`)
export const note = (line: string) => void process.stderr.write(`${line}\n`)
export const printJson = (value: unknown) => print(JSON.stringify(value, null, 2))

/** Columns of text under headings; numbers are right-aligned. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [headings, ...rows.map(row => row.map(String))]
  const numeric = headings.map(
    (_, i) =>
      rows.length > 0 && rows.every(row => typeof row[i] === 'number' || /^[\d.,%e×+-]+$/u.test(String(row[i]))),
  )
  const widths = headings.map((_, i) => Math.max(...cells.map(row => row[i].length)))
  return cells
    .map(row =>
      row
        .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const thousands = (n: number) => Math.round(n).toLocaleString('en-US')

export const percent = (share: number) => `${(100 * share).toFixed(1)}%`

/** Seconds as people say them. */
export function duration(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 90) return `${s} s`
  return s < 5400
    ? `${Math.floor(s / 60)} min ${s % 60} s`
    : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}

/** Shows training: a bar on a terminal, a line from time to time elsewhere. */
export function trainingProgress(label: string): TrainerEvents & { stop(): void } {
  const terminal = process.stderr.isTTY === true
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}% | loss {loss} | perplexity {perplexity} | {rate} target words/s | {left} left`,
    stream: process.stderr,
    hideCursor: true,
    barsize: 20,
  })
  let [started, shown, words, seconds, loss, since] = [false, performance.now(), 0, 0, 0, 0]
  const show = ({ step, totalSteps, epoch }: Progress) => {
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
