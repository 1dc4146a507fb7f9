/** How a network is trained, and pruned while it trains: every option, checked by a schema. */
import { z } from 'zod'
import { IMPORTANCE_KINDS } from '../pruning/scores.ts'
import { BACKEND_KINDS } from './backend-kinds.ts'
import { selectionSchema } from './selection.ts'

export const trainingSchema = z.strictObject({
  optimizer: z.enum(['sgd', 'adam']).default('sgd').describe('the paper: sgd'),
  learningRate: z.number().positive().default(1).describe('the paper: 1.0'),
  batchSize: z.number().int().min(1).default(128).describe('sentence pairs of one batch'),
  accumulation: z.number().int().min(1).default(1).describe('batches whose gradients make one update'),
  epochs: z.number().positive().default(12),
  decayFrom: z
    .union([z.number().min(0), z.literal('plateau')])
    .default(8)
    .describe(
      'epochs after which the learning rate begins to fall; plateau: when an epoch no longer improves validation',
    ),
  decayEvery: z.number().positive().default(1).describe('epochs from one fall to the next'),
  decay: z.number().positive().max(1).default(0.5).describe('factor of each fall'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe("in place of the model's, as where retraining what is left needs less of it"),
  maxGradientNorm: z.number().positive().default(5),
  labelSmoothing: z.number().min(0).lt(1).default(0).describe('share of the label given to all words alike'),
  patience: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('epochs in a row that do not improve validation, after which training stops; 0: never stop early'),
  tolerance: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('share by which an epoch has to lower the best validation perplexity, to count as an improvement'),
  checkpointEvery: z.number().int().min(1).default(500).describe('updates from one checkpoint to the next'),
  snapshots: z
    .array(z.number().int().min(0))
    .default([])
    .describe('epochs after which the weights are kept, to rewind to'),
  gather: z
    .enum(['none', ...IMPORTANCE_KINDS])
    .default('none')
    .describe('scores to gather for pruning by them'),
  seed: z.number().int().default(1),
  backend: z
    .enum(['auto', ...BACKEND_KINDS])
    .default('auto')
    .describe('what computes: onnx (ONNX Runtime), wasm (WebAssembly), auto: whichever takes less time'),
})
export type TrainingConfig = z.infer<typeof trainingSchema>

/** Some training options, without the defaults of the others. */
export const partialTrainingSchema = z.strictObject(
  Object.fromEntries(Object.entries(trainingSchema.shape).map(([key, option]) => [key, option.unwrap().optional()])),
) as unknown as z.ZodType<Partial<TrainingConfig>>

/** Pruning while training goes on (Zhu & Gupta 2017): the fraction rises fast at first, then ever more slowly. */
export const gradualSchema = selectionSchema.extend({
  begin: z.number().min(0).default(0).describe('epochs before the first weight goes'),
  end: z.number().positive().default(1).describe('epochs after which the fraction is reached'),
  every: z.number().int().min(1).default(100).describe('updates from one pruning to the next'),
})
export type GradualConfig = z.infer<typeof gradualSchema>
