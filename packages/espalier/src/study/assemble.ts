/** Puts all that a study knows together, as `results.json` has it. */
import { spread } from '../evaluation/hierarchical-bootstrap.ts'
import { answerClaims } from './claims/index.ts'
import { type ComparedPair, comparedPairs } from './comparisons.ts'
import type { Experiment } from './experiments.ts'
import { hasFailed, type Outcome } from './measurements.ts'
import type { StudyPlan } from './plan.ts'
import {
  type Failure,
  type ModelResult,
  RESULTS_FORMAT,
  resultsSchema,
  type StudyResults,
  type Summary,
} from './results.ts'
import { sampleTranslations } from './samples.ts'
import type { Scorer } from './scorer.ts'
import type { PackedResult, SizePair } from './size-results.ts'
import { comparePairs, summarise } from './summaries.ts'

type Analysed =
  | 'analysed'
  | 'sensitivity'
  | 'breakdown'
  | 'redundancy'
  | 'distributions'
  | 'layers'
  | 'rareWords'
  | 'made'

type Known = 'complete' | 'data' | 'seconds' | 'sizes' | 'browser' | Analysed

export interface StudyKnowledge extends Pick<StudyResults, Known> {
  readonly plan: StudyPlan
  readonly scorer: Scorer
  /** What came of the experiments that were done. */
  readonly outcomes: ReadonlyMap<Experiment, Outcome>
  /** What was measured of an experiment's model as a packed file. */
  packedOf(experiment: Experiment): PackedResult | undefined
  /** Of a model that is kept, from the study on. */
  directoryOf(experiment: Experiment): string | undefined
}

export function assembleResults({
  plan,
  scorer,
  outcomes,
  packedOf,
  directoryOf,
  ...known
}: StudyKnowledge): StudyResults {
  const done = plan.experiments.flatMap(experiment => {
    const outcome = outcomes.get(experiment)
    return outcome ? [{ experiment, outcome }] : []
  })
  const measured = done.flatMap(({ outcome }) => (hasFailed(outcome) ? [] : [outcome]))
  const models = done.flatMap(({ experiment, outcome }) => {
    if (hasFailed(outcome)) return []
    const [packed, directory] = [packedOf(experiment), directoryOf(experiment)]
    return [{ ...outcome.result, ...(packed && { packed }), ...(directory && { directory }) }]
  })
  const first = plan.experiments.filter(({ seed }) => seed === plan.seeds[0])
  const pairs = [...comparedPairs(first), ...(known.sizes ?? []).map(sizePairCompared)]
  const numbers = {
    ...known,
    format: RESULTS_FORMAT as typeof RESULTS_FORMAT,
    configuration: { ...plan.bases[0].configuration, study: plan.study },
    seeds: [...plan.seeds],
    tests: scorer.tests.map(({ name, sources }) => ({ name, sentences: sources.length })),
    signature: scorer.signature,
    models,
    failures: done.flatMap(({ experiment, outcome }) =>
      hasFailed(outcome) ? [describeFailure(experiment, outcome.failed)] : [],
    ),
    summaries: summarise(measured, scorer).map(summary => ({ ...summary, ...summarisePacked(models, summary.id) })),
    ...(plan.study.samples > 0 && {
      samples: sampleTranslations(
        measured.filter(({ result }) => result.seed === known.analysed),
        scorer.text,
        plan.study.samples,
      ),
    }),
    comparisons: comparePairs(pairs, measured, scorer),
  }
  return resultsSchema.parse({ ...numbers, claims: answerClaims(numbers) })
}

const sizePairCompared = ({ sparse, small }: SizePair): ComparedPair => ({ better: sparse, than: small })

/** The packed models of an experiment, over its seeds. */
function summarisePacked(models: readonly ModelResult[], id: string): Pick<Summary, 'packed'> {
  const packed = models.flatMap(model => (model.id === id && model.packed ? [model.packed] : []))
  if (packed.length === 0) return {}
  const over = (value: (result: PackedResult) => number) => spread(packed.map(value))
  const [{ values }] = packed
  const { wordsPerSecond, browser } = packed.find(result => result.wordsPerSecond !== undefined) ?? packed[0]
  return {
    packed: {
      values,
      bytes: over(({ bytes }) => bytes).mean,
      memory: over(({ memory }) => memory).mean,
      bleu: over(({ bleu }) => bleu.score),
      ...(wordsPerSecond !== undefined && { wordsPerSecond }),
      ...(browser && { browser }),
    },
  }
}

const describeFailure = ({ id, group, name, fraction, seed }: Experiment, reason: string): Failure => ({
  ...{ id, group, name, fraction, seed, reason },
})
