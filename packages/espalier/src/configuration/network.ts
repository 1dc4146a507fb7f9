/** What a network is: every option, checked by a schema, with its default and its reason. */
import { z } from 'zod'

export const networkSchema = z.strictObject({
  layers: z.number().int().min(1).max(32).default(4).describe('LSTM layers in the encoder, and in the decoder'),
  hidden: z.number().int().min(1).default(1000).describe('units of each layer'),
  embedding: z.number().int().min(1).optional().describe('size of the word embeddings; default: as hidden'),
  attention: z
    .enum(['dot', 'general', 'concat', 'none'])
    .default('dot')
    .describe('score of a source position (Luong, Pham & Manning 2015); none: a plain encoder-decoder'),
  inputFeeding: z.boolean().default(false).describe('feed the attentional state to the next decoder step'),
  bidirectional: z.boolean().default(false).describe('an encoder of two directions, hidden / 2 units each'),
  reverseSource: z.boolean().default(true).describe('read the source from its last word to its first'),
  dropout: z.number().min(0).lt(1).default(0.2).describe('of embeddings, between layers and before the softmax'),
  initialisation: z.number().positive().default(0.1).describe('weights start uniform in [-this, this]'),
})

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
