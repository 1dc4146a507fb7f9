/** What a study compares: every choice in one block, `study`, of a configuration file. */
import { z } from 'zod'
import { type Origin, parseSection } from '../configuration/parse.ts'
import { partialTrainingSchema } from '../configuration/training.ts'
import { SCHEMES, type Scheme } from '../pruning/index.ts'
import { scheduleSchema } from './schedule.ts'

const fraction = z.number().gt(0).lt(1)
const increasing = z
  .array(fraction)
  .refine(list => list.every((x, i) => i === 0 || x > list[i - 1]), 'has to increase from one to the next')
const NINE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

const namedScheduleSchema = z.strictObject({ name: z.string().min(1), ...scheduleSchema.shape })

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
  scratch: increasing.default([0.8]).describe('fractions whose sparse structure is trained from scratch'),
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
  breakdownAt: fraction.default(0.9).describe('fraction at which losses are broken down by class'),
  picturesAt: fraction.default(0.8).describe('fraction whose surviving weights are drawn'),
  beam: z.number().int().min(1).default(5),
})
export type StudyConfiguration = z.infer<typeof studySchema>

/** Checks a study's block. @throws UserError `unknown-key`, `invalid-configuration` */
export function parseStudy(draft: unknown, origin: Origin): StudyConfiguration {
  return parseSection(studySchema, draft, { origin, section: 'study' })
}
