/** A whole configuration: the network, its training, and pruning while it trains. */
import { z } from 'zod'
import { networkSchema, refuseConflict } from './network.ts'
import { type Origin, parseSection } from './parse.ts'
import { presetDraft } from './presets.ts'
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
/** A configuration before its defaults are filled in; what it leaves out, a preset decides first. */
export type ConfigurationDraft = z.input<typeof configurationSchema> & { readonly preset?: string }

/**
 * Checks a draft and fills it in.
 * @param origin named in errors
 * @throws UserError `unknown-key` with the nearest known one, `unknown-preset`, `invalid-configuration`
 */
export function parseConfiguration(draft: unknown, origin: Origin = 'configuration'): Configuration {
  return parseSection(configurationSchema, withPreset(draft), { origin })
}

/** A draft with the sections of its preset beneath its own. */
function withPreset(draft: unknown): unknown {
  if (draft === null || typeof draft !== 'object' || !('preset' in draft)) return draft
  const { preset: name, ...sections } = draft
  if (name === undefined) return sections
  const preset: Record<string, object> = presetDraft(String(name))
  const merged: Record<string, unknown> = { ...preset, ...sections }
  for (const [section, values] of Object.entries(sections))
    if (values !== null && typeof values === 'object') merged[section] = { ...preset[section], ...values }
  return merged
}
