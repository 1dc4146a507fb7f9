/** How a study is shown while it goes on, and its results. */
import type { Claim, ModelResult, StudyResults } from '../study/results.ts'
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
    onResult: ({ id, bleu, sparsity, perplexity }) =>
      note(`  ${id}: BLEU ${bleu.score.toFixed(2)}, perplexity ${perplexity.toFixed(2)}, ${percent(sparsity)} pruned`),
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
    onResult(result) {
      if (result.group === 'baseline' || result.group === 'pruned') found.push(result)
      events.onResult?.(result)
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

export function printStudy({ models, claims }: StudyResults): void {
  print(modelTable(models))
  print()
  print(claims.map(claimText).join('\n\n'))
}

function modelTable(models: readonly ModelResult[]): string {
  return table(
    ['model', 'pruned', 'BLEU', '95%', 'p', 'chrF', 'perplexity'],
    models.map(({ id, sparsity, bleu, pValue, chrf, perplexity }) => [
      id,
      percent(sparsity),
      bleu.score.toFixed(2),
      `${bleu.low.toFixed(1)}-${bleu.high.toFixed(1)}`,
      pValue === undefined ? '' : pValue.toFixed(3),
      chrf.toFixed(1),
      perplexity.toFixed(2),
    ]),
  )
}

const claimText = ({ number, claim, verdict, evidence }: Claim) =>
  `${number}. ${claim}\n   ${verdict.toUpperCase()}. ${evidence}`
