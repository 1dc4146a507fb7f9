/** What a network is: every option, checked by a schema, with its default and its reason. */
import { ATTENTIONS, LSTM_BOUNDS, lstmConflict } from '@espalier/runtime/architectures'
import { z } from 'zod'

/** A size within the bounds that every reader of models checks. */
const size = (name: keyof typeof LSTM_BOUNDS) => {
  const [least, most] = LSTM_BOUNDS[name]
  return z.number().int().min(least).max(most)
}

export const networkSchema = z.strictObject({
  type: z.enum(['lstm']).default('lstm').describe('the architecture'),
  layers: size('layers').default(4).describe('LSTM layers in the encoder, and in the decoder'),
  hidden: size('hidden').default(1000).describe('units of each layer'),
  embedding: size('embedding').optional().describe('size of the word embeddings; default: as hidden'),
  attention: z
    .enum(ATTENTIONS)
    .default('dot')
    .describe('score of a source position (Luong, Pham & Manning 2015); none: a plain encoder-decoder'),
  inputFeeding: z.boolean().default(false).describe('feed the attentional state to the next decoder step'),
  bidirectional: z.boolean().default(false).describe('an encoder of two directions, hidden / 2 units each'),
  reverseSource: z.boolean().default(true).describe('read the source from its last word to its first'),
  dropout: z.number().min(0).lt(1).default(0.2).describe('of embeddings, between layers and before the softmax'),
  initialisation: z.number().positive().default(0.1).describe('weights start uniform in [-this, this]'),
})

/** Refuses options that exclude each other. */
export const refuseConflict = (
  options: Parameters<typeof lstmConflict>[0],
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void => {
  const conflict = lstmConflict(options)
  if (conflict) context.addIssue({ code: 'custom', path: [conflict.option], message: conflict.problem })
}

/** A network as `config.json` has it: nothing is left open. */
export const networkConfigSchema = networkSchema
  .extend({
    embedding: size('embedding'),
    sourceVocabulary: size('sourceVocabulary'),
    targetVocabulary: size('targetVocabulary'),
  })
  .superRefine(refuseConflict)

/** A network's options, all decided, with the sizes of its vocabularies. */
export type NetworkOptions = z.infer<typeof networkSchema>
export interface NetworkConfig extends NetworkOptions {
  readonly embedding: number
  readonly sourceVocabulary: number
  readonly targetVocabulary: number
}

/** Decides what was left open. */
export function networkConfig(
  options: NetworkOptions,
  vocabularies: { source: number; target: number },
): NetworkConfig {
  return {
    ...options,
    embedding: options.embedding ?? options.hidden,
    sourceVocabulary: vocabularies.source,
    targetVocabulary: vocabularies.target,
  }
}
