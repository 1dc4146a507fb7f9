/** One class pruned alone. */
import { curves, type Figure } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'

export function sensitivityFigure({ sensitivity }: StudyResults, dense: ModelResult): Figure {
  const rows = sensitivity.map(({ name, fraction, perplexity }) => ({ series: name, fraction, value: perplexity }))
  return {
    id: 'sensitivity',
    title: 'Sensitivity: one class pruned alone',
    description: `Validation perplexity, on a logarithmic axis, against the fraction of one class pruned by magnitude; dashed: the unpruned model, ${dense.validPerplexity.toFixed(2)}.`,
    spec: curves(rows, {
      y: 'validation perplexity (logarithmic)',
      baseline: dense.validPerplexity,
      log: true,
      series: 'weight class',
    }),
  }
}
