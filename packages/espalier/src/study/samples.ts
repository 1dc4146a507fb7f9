/** Some sentences of the test text, and what models make of them: kept only where the configuration asks for them. */
import type { Measurement } from './measurements.ts'
import { representativeRetrained, type StudyResults } from './results.ts'
import type { TestText } from './test-sets.ts'

type Samples = NonNullable<StudyResults['samples']>

/**
 * Translations by the unpruned model of a seed, by what class-blind pruning makes of it, and by that retrained. The sentences are
 * evenly spread over the text, so that nobody has chosen them.
 * @param measured the models of one seed
 */
export function sampleTranslations(
  measured: readonly Measurement[],
  { sources, references }: TestText,
  count: number,
): Samples {
  const retrained = representativeRetrained(measured.map(({ result }) => result))
  const pruned = measured.find(
    ({ result: { group, name, fraction } }) =>
      group === 'pruned' && name === 'class-blind' && fraction === retrained?.fraction,
  )
  const dense = measured.find(({ result }) => result.id === 'dense')
  const shown = [dense, pruned, measured.find(({ result }) => result === retrained)].filter(each => each !== undefined)
  const wanted = Math.min(count, sources.length)
  return Array.from({ length: wanted }, (_, n) => {
    const i = Math.floor(((n + 0.5) * sources.length) / wanted)
    return {
      source: sources[i],
      reference: references[i],
      translations: shown.map(({ result, translations }) => ({ model: result.id, text: translations[i] })),
    }
  })
}
