/** How both sides of a corpus are cut into tokens. */
import {
  createTokenizer,
  learnMerges,
  parseBpeCodes,
  parseLanguage,
  type TokenizerConfig,
  UserError,
} from '@espalier/runtime'
import { giveWay } from '../give-way.ts'
import { readLines } from './lines.ts'
import type { PrepareOptions } from './prepare-options.ts'
import type { TokenizerConfigs } from './prepared-corpus.ts'
import type { SentencePair } from './sentence-pair.ts'
import { countInto } from './token-counts.ts'

/** Merges that byte-pair encoding learns where nothing else is asked for. */
const DEFAULT_MERGES = 8000

/**
 * The tokenisers of both sides. Byte-pair merges are read from a file, or learnt from the words of both sides together.
 * @param trainingText reads the training text
 * @throws UserError `language`, `bpe-codes`
 */
export async function chooseTokenizers(
  options: PrepareOptions,
  trainingText: () => AsyncIterable<SentencePair>,
): Promise<TokenizerConfigs> {
  const { tokenizer: kind, lowercase, normalization = 'nfc' } = options
  const language = (side: 'source' | 'target') => {
    const { code, notice } = parseLanguage(options[`${side}Language`], `--${side}-language`)
    if (notice !== undefined && kind !== 'none') options.onNotice?.(notice)
    return code
  }
  const languages = { source: language('source'), target: language('target') }
  const both = (part: Pick<TokenizerConfig, 'kind' | 'merges'>): TokenizerConfigs => ({
    source: { ...part, language: languages.source, lowercase, normalization },
    // Only the target is put together again; marks would make words of the source rarer than they are.
    target: {
      ...part,
      language: languages.target,
      lowercase,
      normalization,
      ...(kind !== 'none' && { spacing: 'marked' }),
    },
  })
  if (kind !== 'bpe') return both({ kind })
  if (options.bpeCodes !== undefined)
    return both({ kind, merges: await readCodes(options.bpeCodes, options.vocabulary) })
  const { source, target } = both({ kind: 'words' })
  const [sourceWords, targetWords] = [createTokenizer(source), createTokenizer(target)]
  const counts = new Map<string, number>()
  for await (const pair of trainingText()) {
    countInto(counts, sourceWords.tokenize(pair.source))
    countInto(counts, targetWords.tokenize(pair.target))
  }
  const merges: string[] = []
  const all = learnMerges(counts)
  for (let n = options.vocabulary ?? DEFAULT_MERGES; n > 0; n--) {
    const merge = all.next().value
    if (merge === undefined) break
    merges.push(merge)
    if (n % 16 === 0) await giveWay()
  }
  return both({ kind, merges })
}

async function readCodes(path: string, limit: number | undefined): Promise<string[]> {
  const lines = await readLines(path, { nonEmpty: true })
  try {
    return parseBpeCodes(lines.join('\n'), limit)
  } catch (error) {
    throw error instanceof UserError ? new UserError(error.code, `${path}, ${error.message}`) : error
  }
}
