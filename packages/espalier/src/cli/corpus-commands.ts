/** `phrasebook` and `prepare`. */
import { join } from 'node:path'
import { phrasebookSplits } from '@espalier/phrasebook'
import { NORMALIZATIONS, type Normalization, TOKENIZER_KINDS, type TokenizerKind, UserError } from '@espalier/runtime'
import { type Command, Option } from 'commander'
import type { BitextLocation } from '../corpus/bitext.ts'
import { prepareCorpus } from '../corpus/prepare.ts'
import type { PreparedSummary } from '../corpus/prepared.ts'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { checkOutput } from '../storage/outputs.ts'
import { integer, positiveInteger } from './options.ts'
import { note, printJson, thousands } from './output.ts'

/** Writes the phrasebook as `train.en`, `train.de`, `valid.…` and `test.…`. */
export async function writePhrasebook(
  out: string,
  options: { pairs: number; seed: number; force: boolean },
): Promise<void> {
  await createDirectoryAtomic(out, { kind: 'phrasebook', force: options.force }, async directory => {
    const splits = phrasebookSplits(options)
    for (const name of ['train', 'valid', 'test'] as const) {
      const pairs = splits[name]
      await writeFileAtomic(join(directory, `${name}.en`), pairs.map(({ source }) => `${source}\n`).join(''))
      await writeFileAtomic(join(directory, `${name}.de`), pairs.map(({ target }) => `${target}\n`).join(''))
    }
  })
}

export function describePrepared(summary: PreparedSummary): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  return [
    `${thousands(summary.trainPairs)} pairs to train on, ${thousands(summary.validPairs)} to validate on`,
    `left out: ${thousands(summary.skippedEmpty)} empty on one side, ${thousands(summary.skippedLong)} too long`,
    `vocabularies: ${thousands(summary.sourceVocabulary)} source (${percent(summary.sourceUnknown)} of the words unknown), ` +
      `${thousands(summary.targetVocabulary)} target (${percent(summary.targetUnknown)})`,
  ].join('\n')
}

interface PrepareFlags {
  source?: string
  target?: string
  validSource?: string
  validTarget?: string
  tsv?: string
  validTsv?: string
  tmx?: string
  validTmx?: string
  sourceLanguage: string
  targetLanguage: string
  out: string
  tokenizer: TokenizerKind
  normalize: Normalization
  vocabulary?: number
  bpeCodes?: string
  writeBpeCodes?: boolean
  minCount: number
  maxLength: number
  lowercase?: boolean
  force?: boolean
  json?: boolean
}

/** One kind of input, for training and for validation. */
function locations(flags: PrepareFlags): { train: BitextLocation; valid: BitextLocation } {
  const { sourceLanguage, targetLanguage } = flags
  const kinds = [flags.source ?? flags.target, flags.tsv, flags.tmx].filter(given => given !== undefined)
  if (kinds.length !== 1)
    throw new UserError('usage', 'one kind of parallel text is wanted: --source and --target, or --tsv, or --tmx')
  const need = (value: string | undefined, option: string): string => {
    if (value === undefined) throw new UserError('usage', `${option} is missing`)
    return value
  }
  if (flags.tsv)
    return {
      train: { kind: 'tsv', path: flags.tsv },
      valid: { kind: 'tsv', path: need(flags.validTsv, '--valid-tsv') },
    }
  if (flags.tmx) {
    const tmx = (path: string): BitextLocation => ({ kind: 'tmx', path, sourceLanguage, targetLanguage })
    return { train: tmx(flags.tmx), valid: tmx(need(flags.validTmx, '--valid-tmx')) }
  }
  return {
    train: { kind: 'files', source: need(flags.source, '--source'), target: need(flags.target, '--target') },
    valid: {
      kind: 'files',
      source: need(flags.validSource, '--valid-source'),
      target: need(flags.validTarget, '--valid-target'),
    },
  }
}

export function addCorpusCommands(program: Command): void {
  program
    .command('phrasebook')
    .summary('write English-German sentence pairs to try things on')
    .description(
      'Writes sentence pairs about gardens, weather, markets and travel, made by a grammar:\n' +
        'train.en, train.de, and 500 pairs each of valid and test text that training text does not have.',
    )
    .requiredOption('--out <dir>', 'directory to make')
    .option('--pairs <n>', 'training pairs', positiveInteger, 20_000)
    .option('--seed <n>', 'the same seed makes the same pairs', integer, 1)
    .option('--force', 'replace a directory that exists')
    .action(async flags => {
      await writePhrasebook(flags.out, { ...flags, force: flags.force ?? false })
      note(`${thousands(flags.pairs)} pairs to train on, 500 to validate on, 500 to test on: ${flags.out}`)
    })

  program
    .command('prepare')
    .summary('turn parallel text into what training reads')
    .description(
      'Reads parallel text (plain or gzip), cuts it into tokens, chooses vocabularies and writes a data directory.\n' +
        'Line n of --source is translated by line n of --target; a TSV line is source, tab, target.',
    )
    .option('--source <file>', 'training text, source side')
    .option('--target <file>', 'training text, target side')
    .option('--valid-source <file>', 'validation text, source side')
    .option('--valid-target <file>', 'validation text, target side')
    .option('--tsv <file>', 'training text as source, tab, target')
    .option('--valid-tsv <file>', 'validation text likewise')
    .option('--tmx <file>', 'training text as a translation memory (TMX 1.4)')
    .option('--valid-tmx <file>', 'validation text likewise')
    .option('--source-language <code>', 'for tokenisation and TMX', 'en')
    .option('--target-language <code>', 'for tokenisation and TMX', 'de')
    .requiredOption('--out <dir>', 'data directory to make')
    .addOption(
      new Option('--tokenizer <kind>', 'words: cut punctuation off; none: tokens stand between spaces; bpe: subwords')
        .choices(TOKENIZER_KINDS)
        .default('words'),
    )
    .option(
      '--vocabulary <n>',
      'keep the n most frequent words of each side (bpe: learn n merges, default 8000)',
      positiveInteger,
    )
    .option('--bpe-codes <file>', 'bpe: take the merges of a code file of subword-nmt instead of learning them')
    .option('--write-bpe-codes', 'bpe: write the merges to bpe.codes in the data directory, as subword-nmt does')
    .option('--min-count <n>', 'words that occur less often become <unk>', positiveInteger, 1)
    .option('--max-length <n>', 'leave out pairs with more tokens on a side', positiveInteger, 50)
    .option('--lowercase', 'fold capital letters')
    .addOption(
      new Option(
        '--normalize <form>',
        'of Unicode: nfc also drops invisible characters, nfkc also replaces ligatures and the like',
      )
        .choices(NORMALIZATIONS)
        .default('nfc'),
    )
    .option('--force', 'replace a directory that exists')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  espalier prepare --source train.en --target train.de --valid-source valid.en --valid-target valid.de --out data\n',
    )
    .action(async (flags: PrepareFlags) => {
      const inputs = [
        flags.source,
        flags.target,
        flags.validSource,
        flags.validTarget,
        flags.tsv,
        flags.validTsv,
        flags.tmx,
        flags.validTmx,
        flags.bpeCodes,
      ]
      await checkOutput(flags.out, { kind: 'directory', force: flags.force, others: inputs })
      const summary = await prepareCorpus(flags.out, {
        ...flags,
        ...locations(flags),
        lowercase: flags.lowercase ?? false,
        normalization: flags.normalize,
        onNotice: note,
        force: flags.force ?? false,
      })
      if (flags.json) printJson(summary)
      else note(describePrepared(summary))
    })
}
