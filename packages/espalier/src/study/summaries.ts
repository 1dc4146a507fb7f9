/** What the models of several seeds come to: means, and differences of means. */
import { spread } from '../evaluation/hierarchical-bootstrap.ts'
import type { ComparedPair } from './comparisons.ts'
import type { Measurement } from './measurements.ts'
import type { Comparison, ModelResult, Summary } from './results.ts'
import type { Scorer } from './scorer.ts'

/** Summaries of experiments, in the order in which they first come. @param measured all models of all seeds */
export function summarise(measured: readonly Measurement[], scorer: Scorer): Summary[] {
  const dense = measured.filter(({ result }) => result.id === 'dense')
  return [...byId(measured).values()].map(models => {
    const [{ id, group, name, fraction, weights }] = models.map(({ result }) => result)
    const results = models.map(({ result }) => result)
    const over = (value: (result: ModelResult) => number) => spread(results.map(value))
    const against = id === 'dense' ? undefined : compare(models, dense, scorer)
    return {
      ...{ id, group, name, fraction, weights },
      seeds: results.map(({ seed }) => seed),
      sparsity: over(({ sparsity }) => sparsity).mean,
      kept: over(({ kept }) => kept).mean,
      bytes: over(({ bytes }) => bytes).mean,
      bleu: scorer.estimate(models.map(({ translations }) => translations)),
      chrf: over(({ chrf }) => chrf),
      ter: over(({ ter }) => ter),
      perplexity: over(({ perplexity }) => perplexity),
      validPerplexity: over(({ validPerplexity }) => validPerplexity),
      trainPerplexity: over(({ trainPerplexity }) => trainPerplexity),
      wordsPerSecond: over(({ wordsPerSecond }) => wordsPerSecond),
      tests: scorer.tests.map(({ name: test }, i) => ({
        name: test,
        bleu: scorer.estimate(
          models.map(({ translations }) => translations),
          test,
        ),
        chrf: over(({ tests }) => tests[i].chrf),
        ter: over(({ tests }) => tests[i].ter),
      })),
      ...(against && { fromDense: against.effect }),
    }
  })
}

/** The pairs of experiments that both have models, of one seed at least, compared over the seeds that both have. */
export function comparePairs(
  pairs: readonly ComparedPair[],
  measured: readonly Measurement[],
  scorer: Scorer,
): Comparison[] {
  const models = byId(measured)
  return pairs.flatMap(({ better, than }) => {
    const compared = compare(models.get(better) ?? [], models.get(than) ?? [], scorer)
    return compared ? [{ better, than, ...compared.effect, seeds: compared.seeds }] : []
  })
}

/** Compares models of the same seeds; nothing where there are none. */
function compare(better: readonly Measurement[], than: readonly Measurement[], scorer: Scorer) {
  const pairs = better.flatMap(ours => {
    const theirs = than.find(({ result }) => result.seed === ours.result.seed)
    return theirs ? [{ ours, theirs }] : []
  })
  if (pairs.length === 0) return undefined
  const effect = scorer.compare(
    pairs.map(({ ours }) => ours.translations),
    pairs.map(({ theirs }) => theirs.translations),
  )
  return { effect, seeds: pairs.map(({ ours }) => ours.result.seed) }
}

function byId(measured: readonly Measurement[]): Map<string, Measurement[]> {
  const groups = new Map<string, Measurement[]>()
  for (const each of measured) groups.set(each.result.id, [...(groups.get(each.result.id) ?? []), each])
  return groups
}
