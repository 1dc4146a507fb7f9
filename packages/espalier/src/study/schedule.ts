/** Schedules: how pruning and retraining follow each other, as recipes. */
import { z } from 'zod'
import { type Origin, parseSection } from '../configuration/parse.ts'
import { selectionSchema } from '../configuration/selection.ts'
import { partialTrainingSchema, type TrainingConfig } from '../configuration/training.ts'
import { IMPORTANCE_KINDS, type ImportanceKind, SCHEMES, type Scheme } from '../pruning/index.ts'
import { originOf, type Recipe, type RetrainRecipe } from '../store/recipe.ts'
import { retrainingOptions, rewoundOptions } from '../training/learning-rate.ts'

const METHODS = ['iterated', 'gradual', 'none'] as const

/** One block describes every schedule: one-shot is one step; dense-sparse-dense ends with `regrow`. */
export const scheduleSchema = z.strictObject({
  method: z
    .enum(METHODS)
    .default('iterated')
    .describe(
      'iterated: prune, retrain, prune, …; gradual: prune while training (Zhu & Gupta 2017); none: only train on, a control',
    ),
  ...selectionSchema.omit({ fraction: true }).shape,
  steps: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .default([0.8])
    .refine(steps => steps.every((s, i) => i === 0 || s > steps[i - 1]), 'has to increase from step to step')
    .describe('fractions, one after the other, each with a retraining'),
  rewind: z
    .enum(['none', 'rate', 'weights'])
    .default('none')
    .describe('go back to an epoch of the first training: its learning rates only, or its weights too'),
  rewindTo: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('that epoch; default: as many before the end as retraining has'),
  gatherEpochs: z
    .number()
    .positive()
    .default(1)
    .describe('epochs in which taylor or movement scores are gathered before each step'),
  regrow: z.boolean().default(false).describe('at last let pruned weights grow back and train all'),
  gradualEnd: z
    .number()
    .gt(0)
    .lte(1)
    .default(0.6)
    .describe('share of the retraining after which gradual pruning is done'),
  retraining: partialTrainingSchema.default({}).describe("what differs from the paper's retraining"),
})
export type Schedule = z.infer<typeof scheduleSchema>

/** The recipes of a schedule applied to a model. @returns the model after each step, the last one last */
export function scheduleRecipes(base: Recipe, schedule: Schedule): Recipe[] {
  const { method, steps, regrow } = schedule
  const made: Recipe[] = []
  let model = base
  if (method === 'none') return [{ kind: 'retrain', of: base, training: retrainingOf(base, schedule) }]
  for (const fraction of steps) {
    const { scheme, block, pattern, only, except, seed } = schedule
    const selection = { scheme, block, pattern, only, except, seed, fraction }
    const training = retrainingOf(base, schedule)
    const gather = importanceKind(scheme)
    if (method === 'gradual') {
      const gradual = { ...selection, begin: 0, end: training.epochs * schedule.gradualEnd, every: 100 }
      model = { kind: 'retrain', of: model, training: { ...training, gather: gather ?? 'none' }, gradual }
    } else {
      if (gather)
        model = { kind: 'retrain', of: model, training: { ...training, gather, epochs: schedule.gatherEpochs } }
      model = retrainRecipe({ kind: 'prune', of: model, selection }, base, schedule)
    }
    made.push(model)
  }
  if (regrow) made.push({ kind: 'retrain', of: model, training: retrainingOf(base, schedule), regrow: true })
  return made
}

/** The scores that training has to gather for a scheme. */
function importanceKind(scheme: Scheme): ImportanceKind | undefined {
  return IMPORTANCE_KINDS.find(name => name === SCHEMES[scheme].score)
}

function retrainRecipe(pruned: Recipe, base: Recipe, schedule: Schedule): RetrainRecipe {
  const recipe: RetrainRecipe = { kind: 'retrain', of: pruned, training: retrainingOf(base, schedule) }
  if (schedule.rewind !== 'weights') return recipe
  return { ...recipe, rewind: { model: originOf(base), epoch: rewindEpoch(base, schedule) } }
}

/** The epoch to rewind to: as many epochs before the end as the paper's retraining takes. */
function rewindEpoch(base: Recipe, { rewindTo }: Schedule): number {
  const { training } = originOf(base).configuration
  return rewindTo ?? Math.max(0, Math.floor(training.epochs - retrainingOptions(training).epochs))
}

function retrainingOf(base: Recipe, schedule: Schedule): TrainingConfig {
  const { training } = originOf(base).configuration
  const options =
    schedule.rewind === 'none' ? retrainingOptions(training) : rewoundOptions(training, rewindEpoch(base, schedule))
  return { ...options, snapshots: [], ...schedule.retraining }
}

/** Checks a schedule. @throws UserError `unknown-key`, `invalid-configuration` */
export function parseSchedule(draft: unknown, origin: Origin): Schedule {
  return parseSection(scheduleSchema, draft, { origin, section: 'schedule' })
}
