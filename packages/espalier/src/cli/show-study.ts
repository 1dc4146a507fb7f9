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
