/** How a network is trained: every option, checked by a schema, and the presets. */
import { UserError } from '@espalier/runtime'
import { z } from 'zod'
import { modelSchema } from '../model/configuration.ts'
import { SCHEMES, type Scheme } from '../pruning/prune.ts'
import { GATHERED } from '../pruning/scores.ts'

export const trainingSchema = z.strictObject({
  optimizer: z.enum(['sgd', 'adam']).default('sgd').describe('the paper: sgd'),
  learningRate: z.number().positive().default(1).describe('the paper: 1.0'),
  batchSize: z.number().int().min(1).default(128).describe('sentence pairs of one batch'),
  accumulation: z.number().int().min(1).default(1).describe('batches whose gradients make one update'),
  epochs: z.number().positive().default(12),
  decayFrom: z.number().min(0).default(8).describe('epochs after which the learning rate begins to fall'),
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
    .describe('epochs without a better validation perplexity; 0: never stop early'),
  checkpointEvery: z.number().int().min(1).default(500).describe('updates from one checkpoint to the next'),
  snapshots: z
    .array(z.number().int().min(0))
    .default([])
    .describe('epochs after which the weights are kept, to rewind to'),
  gather: z
    .enum(['none', ...GATHERED])
    .default('none')
    .describe('scores to gather for pruning by them'),
  seed: z.number().int().default(1),
})
export type TrainingOptions = z.infer<typeof trainingSchema>

/** Some training options, without the defaults of the others. */
export const partialTrainingSchema = z.strictObject(
  Object.fromEntries(Object.entries(trainingSchema.shape).map(([key, option]) => [key, option.unwrap().optional()])),
) as unknown as z.ZodType<Partial<TrainingOptions>>

/** Which weights go: what `prune` has as options. */
export const selectionSchema = z.strictObject({
  scheme: z.enum(Object.keys(SCHEMES) as [Scheme, ...Scheme[]]).default('class-blind'),
  fraction: z.number().min(0).lt(1).default(0.8).describe('of all weights'),
  block: z.string().default('1x1').describe('rows x columns that go together, as in 1x8'),
  pattern: z.string().optional().describe('N:M, as in 2:4: N kept of each M of a row'),
  only: z.array(z.string()).optional().describe('classes to prune; default: all'),
  except: z.array(z.string()).optional().describe('classes to leave as they are'),
  seed: z.number().int().default(1).describe('of random pruning'),
})

/** Pruning while training goes on (Zhu & Gupta 2017): the fraction rises fast at first, then ever more slowly. */
export const gradualSchema = selectionSchema.extend({
  begin: z.number().min(0).default(0).describe('epochs before the first weight goes'),
  end: z.number().positive().default(1).describe('epochs after which the fraction is reached'),
  every: z.number().int().min(1).default(100).describe('updates from one pruning to the next'),
})
export type GradualOptions = z.infer<typeof gradualSchema>

/** Options that make sense together only. */
const consistentModel = modelSchema
  .refine(({ inputFeeding, attention }) => !inputFeeding || attention !== 'none', {
    path: ['inputFeeding'],
    message: 'feeds the attentional state, so it needs an attention other than none',
  })
  .refine(({ bidirectional, hidden }) => !bidirectional || hidden % 2 === 0, {
    path: ['hidden'],
    message: 'has to be even, half of it for each direction of a bidirectional encoder',
  })

export const configurationSchema = z
  .strictObject({
    model: consistentModel.prefault({}),
    training: trainingSchema.prefault({}),
    gradual: gradualSchema.optional(),
  })
  .refine(({ gradual, training }) => !gradual || (gradual.begin < gradual.end && gradual.end <= training.epochs), {
    path: ['gradual'],
    message: 'has to begin before it ends, and to end within the epochs of training',
  })
/** What `--preset`, `--config` and `--set` decide. */
export type Configuration = z.infer<typeof configurationSchema>
type Draft = z.input<typeof configurationSchema>

/** Named configurations. */
export const PRESETS = {
  tiny: {
    model: {
      layers: 2,
      hidden: 128,
      attention: 'general',
      bidirectional: true,
      reverseSource: false,
      dropout: 0.1,
      initialisation: 0.2,
    },
    training: {
      optimizer: 'adam',
      learningRate: 0.005,
      batchSize: 32,
      epochs: 3,
      decayFrom: 2,
      decayEvery: 0.5,
    },
  },
  small: {
    model: { layers: 2, hidden: 512, attention: 'general', bidirectional: true, reverseSource: false, dropout: 0.3 },
    training: {
      optimizer: 'adam',
      learningRate: 0.001,
      batchSize: 64,
      epochs: 7,
      decayFrom: 3,
      decayEvery: 1,
      labelSmoothing: 0.1,
    },
  },
  'paper-small': { model: { layers: 2, hidden: 500, attention: 'none' }, training: {} },
  paper: { model: { layers: 4, hidden: 1000, attention: 'dot' }, training: {} },
} as const satisfies Record<string, Draft>
export type PresetName = keyof typeof PRESETS

/** The learning rate after `progress` epochs: constant, then falling by a factor, from `decayFrom` on. */
export function learningRateAt(options: TrainingOptions, progress: number): number {
  const { learningRate, decay, decayFrom, decayEvery } = options
  // The margin keeps a batch that begins an epoch on its side of the border in spite of rounding.
  const falls = progress + 1e-9 < decayFrom ? 0 : Math.floor((progress + 1e-9 - decayFrom) / decayEvery) + 1
  return learningRate * decay ** falls
}

/**
 * The paper's retraining (See, Luong & Manning 2016, section 3.4, as reported): half the learning rate,
 * a third of the epochs, halved every half epoch after half of them.
 */
export function retrainingOptions(original: TrainingOptions): TrainingOptions {
  const epochs = Math.max(1, Math.round(original.epochs / 3))
  return { ...original, learningRate: original.learningRate / 2, epochs, decayFrom: epochs / 2, decayEvery: 0.5 }
}

/**
 * The last epochs of a training once more: the learning rate goes back to where it was then (learning rate rewinding;
 * with the weights of that time, weight rewinding: Renda, Frankle & Carbin 2020, Frankle et al. 2019).
 * @param epoch the epoch of the original training to go back to
 */
export function rewoundOptions(original: TrainingOptions, epoch: number): TrainingOptions {
  const epochs = original.epochs - epoch
  if (!(epoch >= 0 && epochs > 0))
    throw new UserError('rewind', `there is no epoch ${epoch} to rewind to: training has ${original.epochs}`)
  const elapsed = epoch - original.decayFrom
  // Where the rate had begun to fall, the falls go on in their rhythm.
  const decayFrom = elapsed < 0 ? -elapsed : original.decayEvery - (elapsed % original.decayEvery)
  return { ...original, epochs, learningRate: learningRateAt(original, epoch), decayFrom }
}

/**
 * The fraction that is to be gone after `progress` epochs: s_f + (s_0 - s_f)(1 - (t - t_0) / (t_1 - t_0))³
 * (Zhu & Gupta 2017, equation 1), from `initial` on.
 */
export function gradualFraction({ fraction, begin, end }: GradualOptions, progress: number, initial = 0): number {
  const done = Math.min(1, Math.max(0, (progress - begin) / (end - begin)))
  return fraction + (initial - fraction) * (1 - done) ** 3
}

/** Checks a draft. @throws UserError `unknown-key` with the nearest known one, `invalid-configuration` */
export function parseConfiguration(draft: unknown, origin: string): Configuration {
  return parseSection(configurationSchema, draft, { origin })
}

/**
 * Checks a draft against a schema.
 * @param place where it is from, and the section of a configuration that it is, if it is not a whole one
 * @throws UserError `unknown-key` with the nearest known one, `invalid-configuration`
 */
export function parseSection<T extends z.ZodType>(
  schema: T,
  draft: unknown,
  { origin, section }: { readonly origin: string; readonly section?: string },
): z.infer<T> {
  const parsed = schema.safeParse(draft)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = [...(section ? [section] : []), ...issue.path]
  if (issue.code !== 'unrecognized_keys')
    throw new UserError('invalid-configuration', `${origin}: ${path.join('.')}: ${issue.message}`)
  const [key] = issue.keys
  const known = knownKeys(schema, issue.path)
  throw new UserError(
    'unknown-key',
    `${origin}: unknown key ${[...path, key].join('.')}; did you mean ${nearest(key, known)}? (known: ${known.join(', ')})`,
  )
}

/** The keys of the object at a path of a schema, found through what wraps it (defaults, options, lists). */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  type Known = { unwrap?(): Known; shape?: Record<string, Known>; element?: Known }
  let at: Known | undefined = schema as Known
  const open = (): Known => {
    while (at?.unwrap && !at.element) at = at.unwrap()
    return at ?? {}
  }
  for (const step of path) at = typeof step === 'number' ? open().element : open().shape?.[String(step)]
  return Object.keys(open().shape ?? {})
}

/** The word of a list that is nearest to a misspelt one (Levenshtein distance). */
export function nearest(word: string, known: readonly string[]): string {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j)
    for (let i = 1; i <= a.length; i++) {
      const next = [i]
      for (let j = 1; j <= b.length; j++)
        next[j] = Math.min(
          row[j] + 1,
          next[j - 1] + 1,
          row[j - 1] + Number(a[i - 1].toLowerCase() !== b[j - 1].toLowerCase()),
        )
      row = next
    }
    return row[b.length]
  }
  return [...known].sort((a, b) => distance(word, a) - distance(word, b))[0]
}
