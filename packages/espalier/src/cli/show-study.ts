/** How a study is shown while it goes on, and its results. */
import type { Claim, ModelResult, StudyResults, Summary } from '../study/results.ts'
import type { StudyEvents } from '../study/study.ts'
import { duration, note, percent, print, table } from './output.ts'
import { trainingProgress } from './progress.ts'

/** Tells of experiments as they go. */
export function studyProgress(): StudyEvents {
  return {
    onExperiment(label, place, total, secondsLeft) {
      const where = place > 0 ? `${place}/${total} ` : ''
      note(`${where}${label}${secondsLeft === undefined ? '' : `; about ${duration(secondsLeft)} left in all`}`)
    },
    onTraining: label => trainingProgress(label),
    onResult: ({ bleu, sparsity, perplexity }, label) =>
      note(
        `  ${label}: BLEU ${bleu.score.toFixed(2)}, perplexity ${perplexity.toFixed(2)}, ${percent(sparsity)} pruned`,
      ),
    onFailure: (reason, label) => note(`  ${label} ${reason}`),
    onNotice: note,
  }
}

/**
 * Also shows a table of what pruning alone did, as soon as that is measured.
 * @param show is given the table
 */
export function withFirstResults(events: StudyEvents, show: (text: string) => void): StudyEvents {
  const found: ModelResult[] = []
  return {
    ...events,
    onExperiment(label, place, total, secondsLeft) {
      // Models that are trained once more come after those that are only pruned.
      if (found.length > 1 && label.startsWith('retrained')) show(`\n${oneShotTable(found.splice(0))}\n`)
      events.onExperiment?.(label, place, total, secondsLeft)
    },
    onResult(result, label) {
      if (result.group === 'baseline' || result.group === 'pruned') found.push(result)
      events.onResult?.(result, label)
    },
  }
}

/** BLEU by scheme and fraction. */
function oneShotTable(results: readonly ModelResult[]): string {
  const pruned = results.filter(({ group }) => group === 'pruned')
  const fractions = [...new Set(pruned.map(({ fraction }) => fraction))].sort((a, b) => a - b)
  const bleuOf = (name: string, fraction: number) =>
    pruned.find(result => result.name === name && result.fraction === fraction)?.bleu.score.toFixed(2) ?? ''
  const rows = [...new Set(pruned.map(({ name }) => name))].map(name => [name, ...fractions.map(f => bleuOf(name, f))])
  const dense = results.find(({ group }) => group === 'baseline')
  const unpruned = dense === undefined ? '' : `; unpruned ${dense.bleu.score.toFixed(2)}`
  return `BLEU of pruned models before retraining${unpruned}\n${table(['scheme', ...fractions.map(percent)], rows)}`
}

export function printStudy({ summaries, failures, seeds, claims }: StudyResults): void {
  print(modelTable(summaries))
  if (seeds.length > 1) print(`means over the seeds ${seeds.join(', ')}`)
  for (const { id, seed, reason } of failures) print(`${id}, seed ${seed}, ${reason}`)
  print()
  print(claims.map(claimText).join('\n\n'))
}

function modelTable(summaries: readonly Summary[]): string {
  return table(
    ['model', 'pruned', 'BLEU', '95%', 'p', 'chrF', 'perplexity'],
    summaries.map(({ id, sparsity, bleu, fromDense, chrf, perplexity }) => [
      id,
      percent(sparsity),
      bleu.mean.toFixed(2),
      `${bleu.low.toFixed(1)}-${bleu.high.toFixed(1)}`,
      fromDense === undefined ? '' : fromDense.pValue.toFixed(3),
      chrf.mean.toFixed(1),
      perplexity.mean.toFixed(2),
    ]),
  )
}

const claimText = ({ number, claim, verdict, evidence }: Claim) =>
  `${number}. ${claim}\n   ${verdict.toUpperCase()}. ${evidence}`
