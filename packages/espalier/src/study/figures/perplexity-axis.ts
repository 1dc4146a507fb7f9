/** The axis of validation perplexity that two figures share. */
import { logAxis } from '../drawing.ts'
import type { StudyResults } from '../results.ts'

export const perplexityAxis = (breakdown: StudyResults['breakdown']) => {
  const values = breakdown.map(({ perplexity }) => perplexity)
  return {
    field: 'perplexity',
    type: 'quantitative',
    title: 'validation perplexity',
    scale: { type: 'log', nice: false, domain: [0.97 * Math.min(...values), 1.05 * Math.max(...values)] },
    axis: logAxis(values),
  }
}
