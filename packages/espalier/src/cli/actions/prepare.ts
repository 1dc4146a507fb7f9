/** `prepare`: text into a data directory. */
import { UserError } from '@espalier/runtime'
import type { BitextLocation } from '../../corpus/bitext.ts'
import { prepareCorpus } from '../../corpus/prepare.ts'
import type { PreparedSummary } from '../../corpus/prepared-corpus.ts'
import { checkOutput } from '../../storage/outputs.ts'
import type { PrepareFlags } from '../commands/prepare.ts'
import { note, percent, printJson, thousands } from '../output.ts'
import { type WorkProgress, workProgress } from '../progress.ts'

export async function prepareAction(flags: PrepareFlags): Promise<void> {
  const { source, target, validSource, validTarget, tsv, validTsv, tmx, validTmx, bpeCodes } = flags
  const inputs = [source, target, validSource, validTarget, tsv, validTsv, tmx, validTmx, bpeCodes]
  const locations = textLocations(flags)
  await checkOutput(flags.out, { kind: 'directory', force: flags.force, others: inputs })
  let progress: WorkProgress | undefined
  const summary = await prepareCorpus(flags.out, {
    ...flags,
    ...locations,
    lowercase: flags.lowercase ?? false,
    normalization: flags.normalize,
    onNotice: note,
    onProgress({ bytes, totalBytes }) {
      progress ??= workProgress('prepare', { unit: 'bytes', total: totalBytes || undefined })
      progress.update(bytes)
    },
    force: flags.force ?? false,
  }).finally(() => progress?.stop())
  if (flags.json) printJson(summary)
  else note(describePrepared(summary))
}

export function describePrepared(summary: PreparedSummary): string {
  const { trainPairs, validPairs, skippedEmpty, skippedLong } = summary
  return [
    `${thousands(trainPairs)} pairs to train on, ${thousands(validPairs)} to validate on`,
    `left out: ${thousands(skippedEmpty)} empty on one side, ${thousands(skippedLong)} too long`,
    `vocabularies: ${thousands(summary.sourceVocabulary)} source (${percent(summary.sourceUnknown)} of the words unknown), ` +
      `${thousands(summary.targetVocabulary)} target (${percent(summary.targetUnknown)})`,
  ].join('\n')
}

/** The options of each kind of text. */
const KINDS = {
  files: { source: '--source', target: '--target', validSource: '--valid-source', validTarget: '--valid-target' },
  tsv: { tsv: '--tsv', validTsv: '--valid-tsv' },
  tmx: { tmx: '--tmx', validTmx: '--valid-tmx' },
} as const

/** Where training and validation text are: both of one kind. */
function textLocations(flags: PrepareFlags): { train: BitextLocation; valid: BitextLocation } {
  const given = (keys: object) => Object.keys(keys).filter(key => flags[key as keyof PrepareFlags] !== undefined)
  const kinds = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter(kind => given(KINDS[kind]).length > 0)
  if (kinds.length !== 1)
    throw new UserError(
      'usage',
      `${kinds.length === 0 ? 'no parallel text is given' : 'more than one kind of parallel text is given'}; ` +
        'give --source, --target, --valid-source and --valid-target, or --tsv and --valid-tsv, or --tmx and --valid-tmx',
    )
  const [kind] = kinds
  for (const [key, option] of Object.entries(KINDS[kind]))
    if (flags[key as keyof PrepareFlags] === undefined) throw new UserError('usage', `${option} is missing`)
  const { source = '', target = '', validSource = '', validTarget = '', tsv = '', validTsv = '' } = flags
  if (kind === 'files')
    return { train: { kind, source, target }, valid: { kind, source: validSource, target: validTarget } }
  if (kind === 'tsv') return { train: { kind, path: tsv }, valid: { kind, path: validTsv } }
  const { tmx = '', validTmx = '', sourceLanguage, targetLanguage } = flags
  const memory = (path: string): BitextLocation => ({ kind: 'tmx', path, sourceLanguage, targetLanguage })
  return { train: memory(tmx), valid: memory(validTmx) }
}
