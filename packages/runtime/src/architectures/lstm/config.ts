/** The options of the LSTM encoder-decoder with attention, and the one check of them. */
import { UserError } from '../../errors.ts'
import { type BaseNetworkConfig, type Bounds, checkChoice, checkFlag, checkSize } from '../architecture.ts'

/** Scores of a source position (Luong, Pham & Manning 2015, section 3.1); none: a plain encoder-decoder. */
export const ATTENTIONS = ['dot', 'general', 'concat', 'none'] as const

/**
 * The least and the greatest value of each size. Attention joins two states and input feeding an embedding and a state:
 * these have to be at most 65,536 columns, which kernels index with 16 bits.
 */
export const LSTM_BOUNDS = {
  layers: [1, 64],
  hidden: [1, 32_768],
  embedding: [1, 32_768],
  sourceVocabulary: [1, 2 ** 24],
  targetVocabulary: [1, 2 ** 24],
} as const satisfies Record<string, Bounds>

export interface LstmConfig extends BaseNetworkConfig {
  readonly type?: 'lstm'
  /** Layers of the encoder, and of the decoder. */
  readonly layers: number
  /** Units of a layer. */
  readonly hidden: number
  /** Features of a word. */
  readonly embedding: number
  readonly attention: (typeof ATTENTIONS)[number]
  /** Whether the decoder reads its attentional state of the step before. */
  readonly inputFeeding: boolean
  /** Whether the encoder reads both ways, with half of its units each. */
  readonly bidirectional: boolean
  /** Whether the encoder reads the source from its last word to its first. */
  readonly reverseSource: boolean
}

/** Options that exclude each other. @returns the first that is wrong and why; undefined where all fit */
export function lstmConflict({
  hidden,
  attention,
  inputFeeding,
  bidirectional,
}: Pick<LstmConfig, 'hidden' | 'attention' | 'inputFeeding' | 'bidirectional'>):
  | { readonly option: 'inputFeeding' | 'hidden'; readonly problem: string }
  | undefined {
  if (inputFeeding && attention === 'none')
    return {
      option: 'inputFeeding',
      problem: 'feeds the attentional state, so it needs an attention other than none',
    }
  if (bidirectional && hidden % 2 !== 0)
    return { option: 'hidden', problem: 'has to be even, half of it for each direction of a bidirectional encoder' }
  return undefined
}

/** @throws UserError `network` naming the option */
export function checkLstm(options: Readonly<Record<string, unknown>>): LstmConfig {
  for (const [name, bounds] of Object.entries(LSTM_BOUNDS)) checkSize(options, name, bounds)
  for (const name of ['inputFeeding', 'bidirectional', 'reverseSource']) checkFlag(options, name)
  checkChoice(options, 'attention', ATTENTIONS)
  // Every property of the interface was checked above.
  const config = options as unknown as LstmConfig
  const conflict = lstmConflict(config)
  if (conflict) throw new UserError('network', `${conflict.option} ${conflict.problem}`)
  return config
}
