/** A whole configuration: the network, its training, and pruning while it trains. */
import { z } from 'zod'
import { networkSchema, refuseConflict } from './network.ts'
import { type Origin, parseSection } from './parse.ts'
import { gradualSchema, trainingSchema } from './training.ts'

export const configurationSchema = z
  .strictObject({
    model: networkSchema.superRefine(refuseConflict).prefault({}),
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
export function parseConfiguration(draft: unknown, origin: Origin): Configuration {
  return parseSection(configurationSchema, draft, { origin })
}
