/** The axis of validation perplexity that two figures share. */
import { logAxis } from '../drawing.ts'
import type { StudyResults } from '../results.ts'

export const perplexityAxis = (breakdown: StudyResults['breakdown']) => ({
  field: 'perplexity',
  type: 'quantitative',
  title: 'validation perplexity (logarithmic)',
  scale: { type: 'log', nice: false },
  axis: logAxis(breakdown.map(({ perplexity }) => perplexity)),
})
