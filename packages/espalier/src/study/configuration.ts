/** What a study compares: every choice in one block, `study`, of a configuration file. */
import { VALUE_BYTES, type ValueEncoding } from '@espalier/runtime/packed'
import { z } from 'zod'
import { type Origin, parseSection } from '../configuration/parse.ts'
import { partialTrainingSchema } from '../configuration/training.ts'
import { SCHEMES, type Scheme } from '../pruning/index.ts'
import { CONTROL_NAMES, SCRATCH_KINDS } from './planned-model.ts'
import { scheduleSchema } from './schedule.ts'

const fraction = z.number().gt(0).lt(1)
const increasing = z
  .array(fraction)
  .refine(list => list.every((x, i) => i === 0 || x > list[i - 1]), 'has to increase from one to the next')
const VALUE_ENCODINGS = Object.keys(VALUE_BYTES) as [ValueEncoding, ...ValueEncoding[]]
const NINE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

const namedScheduleSchema = z.strictObject({ name: z.string().min(1), ...scheduleSchema.shape })

const sizesSchema = z.strictObject({
  kept: increasing.default([0.05, 0.1, 0.2]).describe('shares of its weights that the large model keeps'),
  schedule: z
    .string()
    .min(1)
    .optional()
    .describe(
      'name of one of study.schedules; default: of the models that prune as much, the one of the best validation perplexity; where no schedule does, one is pruned as compress --fraction does',
    ),
  small: partialTrainingSchema
    .default({})
    .refine(({ epochs }) => epochs === undefined, 'has no epochs: they follow from the time that the large model took')
    .describe("what differs from the large model's training where small ones are trained"),
})

export const studySchema = z.strictObject({
  seeds: z
    .array(z.number().int())
    .min(1)
    .refine(list => new Set(list).size === list.length, 'has a seed twice')
    .optional()
    .describe('everything is done anew from each; default: training.seed alone'),
  schemes: z
    .array(z.enum(Object.keys(SCHEMES) as [Scheme, ...Scheme[]]))
    .default(['class-blind', 'class-uniform', 'class-distribution', 'random'])
    .describe('compared without retraining'),
  levels: increasing.default(NINE).describe('fractions pruned without retraining'),
  retrained: increasing.default([0.2, 0.4, 0.6, 0.8, 0.9, 0.95]).describe('fractions pruned class-blind and retrained'),
  retraining: partialTrainingSchema.default({}).describe("what differs from the paper's retraining"),
  controls: z
    .boolean()
    .default(false)
    .describe('also train the unpruned model on for as long as the longest retraining, with its dropout and with less'),
  scratch: increasing.default([0.8]).describe('fractions whose sparse structure is trained from scratch'),
  scratchKinds: z
    .array(z.enum(SCRATCH_KINDS))
    .default(['scratch'])
    .describe(
      'scratch: with new initial weights; ticket: with its original ones; random-structure: random places, as many in each tensor',
    ),
  scratchEpochs: z
    .enum(['training', 'training-and-retraining'])
    .default('training')
    .describe('how long these are trained: as the unpruned model, or as that and the retraining together'),
  schedules: z
    .array(namedScheduleSchema)
    .default([])
    .refine(list => new Set(list.map(s => s.name)).size === list.length, 'has two of one name')
    .describe('further ways to prune and retrain, by name'),
  sensitivity: z
    .strictObject({
      levels: increasing.default(NINE),
      bleu: z.boolean().default(true).describe('also translate the test text, greedily'),
    })
    .prefault({}),
  layers: z
    .strictObject({
      levels: increasing.default([0.5, 0.7, 0.9]).describe('fractions to which each recurrent layer is pruned alone'),
      parts: increasing.default([0.9]).describe("fractions to which each gate of a layer's halves is pruned alone"),
      retrain: z
        .strictObject({
          levels: increasing.default([0.9]),
          training: partialTrainingSchema.default({ epochs: 1 }).describe("what differs from the paper's retraining"),
        })
        .optional()
        .describe('also retrain each layer that was pruned alone, and the unpruned model for comparison'),
    })
    .prefault({}),
  breakdownAt: fraction.default(0.9).describe('fraction at which losses are broken down by class'),
  sizes: sizesSchema
    .optional()
    .describe('claim 7: large and sparse against small and dense models of as many weights; left out, none is trained'),
  packed: z
    .enum(['none', ...VALUE_ENCODINGS])
    .default('int8')
    .describe(
      'how weights of models that were trained are written where these are packed and measured; none: not at all',
    ),
  picturesAt: fraction.default(0.8).describe('fraction whose surviving weights are drawn'),
  samples: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('test sentences that results and report show with their translations'),
  beam: z.number().int().min(1).default(5),
})
const checkedStudySchema = studySchema.superRefine(({ sizes, schedules, controls }, context) => {
  const names = schedules.map(({ name }) => name)
  const taken = names.find(name => controls && Object.values<string>(CONTROL_NAMES).includes(name))
  if (taken !== undefined) {
    const message = `has one of the name ${taken}, which study.controls gives to a control: give it another`
    context.addIssue({ code: 'custom', path: ['schedules'], message })
  }
  if (sizes?.schedule === undefined || names.includes(sizes.schedule)) return
  const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
  const message = `is ${JSON.stringify(sizes.schedule)}; it has to be the name of one of study.schedules (${known})`
  context.addIssue({ code: 'custom', path: ['sizes', 'schedule'], message })
})
export type StudyConfiguration = z.infer<typeof studySchema>

/** Checks a study's block. @throws UserError `unknown-key`, `invalid-configuration` */
export function parseStudy(draft: unknown, origin: Origin): StudyConfiguration {
  return parseSection(checkedStudySchema, draft, { origin, section: 'study' })
}
