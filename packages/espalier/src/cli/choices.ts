/**
 * Names that options choose from, written out so that help needs none of the modules that implement them; the types, and a
 * test, see to it that they are the same.
 */
import type { LIMITS, Normalization, TokenizerKind } from '@espalier/runtime'
import type { ValueEncoding } from '@espalier/runtime/packed'
import type { PresetName } from '../configuration/presets.ts'
import type { TrainingConfig } from '../configuration/training.ts'
import type { ScoreTokenizer } from '../evaluation/index.ts'
import type { Scheme } from '../pruning/index.ts'

export const SCHEME_NAMES = [
  'class-blind',
  'class-uniform',
  'class-distribution',
  'random',
  'taylor',
  'movement',
] as const satisfies Scheme[]
export const PRESET_NAMES = ['tiny', 'small', 'paper-small', 'paper'] as const satisfies PresetName[]
export const BACKEND_SETTINGS = ['auto', 'onnx', 'wasm'] as const satisfies TrainingConfig['backend'][]
export const TOKENIZER_NAMES = ['words', 'none', 'bpe'] as const satisfies TokenizerKind[]
export const NORMALIZATION_NAMES = ['nfc', 'nfkc', 'none'] as const satisfies Normalization[]
export const SCORE_TOKENIZERS = ['13a', 'intl', 'none'] as const satisfies ScoreTokenizer[]
export const VALUE_ENCODINGS = ['f32', 'f16', 'int8', 'codebook'] as const satisfies ValueEncoding[]
/** The most that options of a translator may be; the runtime's own limits. */
export const MOST = { beam: 128, batchSize: 4096 } as const satisfies Pick<typeof LIMITS, 'beam' | 'batchSize'>
/** Beyond this, threads inside an operator cost more than they give on any machine. */
export const MOST_THREADS = 512
