/** Puts all that a study knows together, as `results.json` has it. */
import { answerClaims } from './claims/index.ts'
import { comparedPairs } from './comparisons.ts'
import type { Experiment } from './experiments.ts'
import { hasFailed, type Outcome } from './measurements.ts'
import type { StudyPlan } from './plan.ts'
import { type Failure, RESULTS_FORMAT, resultsSchema, type StudyResults } from './results.ts'
import type { Scorer } from './scorer.ts'
import { comparePairs, summarise } from './summaries.ts'

type Analysed = 'analysed' | 'sensitivity' | 'breakdown' | 'redundancy' | 'distributions'

export interface StudyKnowledge extends Pick<StudyResults, 'complete' | 'data' | 'seconds' | Analysed> {
  readonly plan: StudyPlan
  readonly scorer: Scorer
  /** What came of the experiments that were done. */
  readonly outcomes: ReadonlyMap<Experiment, Outcome>
  /** Of a model that is kept, from the study on. */
  directoryOf(experiment: Experiment): string | undefined
}

export function assembleResults({ plan, scorer, outcomes, directoryOf, ...known }: StudyKnowledge): StudyResults {
  const done = plan.experiments.flatMap(experiment => {
    const outcome = outcomes.get(experiment)
    return outcome ? [{ experiment, outcome }] : []
  })
  const measured = done.flatMap(({ outcome }) => (hasFailed(outcome) ? [] : [outcome]))
  const numbers = {
    ...known,
    format: RESULTS_FORMAT as typeof RESULTS_FORMAT,
    configuration: { ...plan.bases[0].configuration, study: plan.study },
    seeds: [...plan.seeds],
    tests: scorer.tests.map(({ name, sources }) => ({ name, sentences: sources.length })),
    signature: scorer.signature,
    models: done.flatMap(({ experiment, outcome }) => {
      if (hasFailed(outcome)) return []
      const directory = directoryOf(experiment)
      return [{ ...outcome.result, ...(directory && { directory }) }]
    }),
    failures: done.flatMap(({ experiment, outcome }) =>
      hasFailed(outcome) ? [describeFailure(experiment, outcome.failed)] : [],
    ),
    summaries: summarise(measured, scorer),
    comparisons: comparePairs(
      comparedPairs(plan.experiments.filter(({ seed }) => seed === plan.seeds[0])),
      measured,
      scorer,
    ),
  }
  return resultsSchema.parse({ ...numbers, claims: answerClaims(numbers) })
}

const describeFailure = ({ id, group, name, fraction, seed }: Experiment, reason: string): Failure => ({
  ...{ id, group, name, fraction, seed, reason },
})
