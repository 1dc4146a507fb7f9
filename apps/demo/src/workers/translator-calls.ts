/** What the page asks a translator's worker for. */
import type { Translation } from '@espalier/runtime'

export type TranslatorCalls = {
  load: { argument: { bytes: Blob }; answer: { hasAttention: boolean } }
  translate: {
    argument: { sentences: readonly string[]; attention?: boolean; batchSize?: number }
    answer: Translation[][]
  }
}
