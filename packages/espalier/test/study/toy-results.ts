/** Results of a study in which nothing was measured but what a test gives. */
import type { StudyNumbers } from '../../src/study/claims/claim.ts'

export const resultsWith = (changes: Partial<StudyNumbers>): StudyNumbers => ({
  format: 2,
  complete: true,
  data: '',
  configuration: {},
  seeds: [1],
  tests: [{ name: 'test', sentences: 10 }],
  signature: '',
  seconds: { training: 1, translating: 1, perplexity: 1, other: 0 },
  models: [],
  failures: [],
  summaries: [],
  comparisons: [],
  analysed: 1,
  sensitivity: [],
  breakdown: [],
  redundancy: [],
  ...changes,
})
