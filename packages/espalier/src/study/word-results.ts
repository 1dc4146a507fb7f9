/** The section `rareWords` of a study's results: what pruning leaves of words' weights, by their frequency. */
import { z } from 'zod'

const correlation = z.number().describe('rank correlation over words')

const wordMatrix = z.object({
  name: z.string().describe('weight class: an embedding, or the output layer'),
  words: z.number().int(),
  frequencyAndKept: correlation.describe('of occurrences in the training text and the share kept of a word’s weights'),
  updatesAndKept: correlation.describe('of the share of updates with a gradient and the share kept'),
  frequencyAndUpdates: correlation,
  frequencyBeyondUpdates: correlation.optional().describe('the first, the share of updates held constant'),
  updatesBeyondFrequency: correlation.optional().describe('the second, occurrences held constant'),
  rareKept: z.number().describe('share kept of the rarer half of the words'),
  frequentKept: z.number().describe('of the other half'),
  bands: z
    .array(
      z.object({
        from: z.number().int(),
        to: z.number().int(),
        kept: z.number(),
        updates: z.number(),
        moved: z.number(),
      }),
    )
    .describe(
      'words of rank from..to by frequency: share kept, mean share of updates with a gradient, mean distance from the initial weights (root mean square over a row)',
    ),
})
export type WordMatrix = z.infer<typeof wordMatrix>

export const rareWordsSchema = z.object({
  seed: z.number(),
  fraction: z.number().describe('pruned of all weights, class-blind'),
  matrices: z.array(wordMatrix),
})
/** Of one seed's model. */
export type RareWords = z.infer<typeof rareWordsSchema>
