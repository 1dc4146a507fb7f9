/** A whole configuration: the network, its training, and pruning while it trains. */
import { z } from 'zod'
import { networkSchema } from './network.ts'
import { parseSection } from './parse.ts'
import { gradualSchema, trainingSchema } from './training.ts'

/** Options that make sense together only. */
const consistentModel = networkSchema
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
/** A configuration before its defaults are filled in. */
export type ConfigurationDraft = z.input<typeof configurationSchema>

/** Checks a draft. @throws UserError `unknown-key` with the nearest known one, `invalid-configuration` */
export function parseConfiguration(draft: unknown, origin: string): Configuration {
  return parseSection(configurationSchema, draft, { origin })
}
