/** `prepare`: what it is called and takes. */
import { Command, Option } from 'commander'
import { NORMALIZATION_NAMES, TOKENIZER_NAMES } from '../choices.ts'
import { addJson, addOutDirectory, type JsonFlag, type OutFlags } from '../option-groups.ts'
import { wholeNumber } from '../option-values.ts'

export interface PrepareFlags extends OutFlags, JsonFlag {
  readonly source?: string
  readonly target?: string
  readonly validSource?: string
  readonly validTarget?: string
  readonly tsv?: string
  readonly validTsv?: string
  readonly tmx?: string
  readonly validTmx?: string
  readonly sourceLanguage: string
  readonly targetLanguage: string
  readonly tokenizer: (typeof TOKENIZER_NAMES)[number]
  readonly normalize: (typeof NORMALIZATION_NAMES)[number]
  readonly vocabulary?: number
  readonly bpeCodes?: string
  readonly writeBpeCodes?: boolean
  readonly minCount: number
  readonly maxLength: number
  readonly lowercase?: boolean
}

const EXAMPLE = `
Example:
  espalier prepare --source train.en --target train.de \\
    --valid-source valid.en --valid-target valid.de --out data
`

export function prepareCommand(): Command {
  const command = new Command('prepare')
    .summary('turn parallel text into what training reads')
    .description(
      'Reads parallel text (plain or gzip), cuts it into tokens, chooses vocabularies and writes a data directory. Text comes as two files, line n of one the translation of line n of the other; as a TSV file, a line being source, tab, target; or as a translation memory (TMX).',
    )
    .option('--source <file>', 'training text, source side')
    .option('--target <file>', 'training text, target side')
    .option('--valid-source <file>', 'validation text, source side')
    .option('--valid-target <file>', 'validation text, target side')
    .option('--tsv <file>', 'training text as TSV')
    .option('--valid-tsv <file>', 'validation text as TSV')
    .option('--tmx <file>', 'training text as a translation memory (TMX 1.4)')
    .option('--valid-tmx <file>', 'validation text as a translation memory')
    .option('--source-language <code>', 'language of the source side, for tokenisation and TMX', 'en')
    .option('--target-language <code>', 'language of the target side, for tokenisation and TMX', 'de')
    .addOption(
      new Option('--tokenizer <kind>', 'words: cut off punctuation; none: tokens stand between spaces; bpe: subwords')
        .choices(TOKENIZER_NAMES)
        .default('words'),
    )
    .option(
      '--vocabulary <n>',
      'most frequent words to keep of each side (default: all); with bpe: merges to learn (default: 8000)',
      wholeNumber(1),
    )
    .option('--bpe-codes <file>', 'with bpe: take the merges of this code file of subword-nmt instead of learning them')
    .option(
      '--write-bpe-codes',
      'with bpe: also write the merges to bpe.codes in the data directory, as subword-nmt does',
    )
    .option('--min-count <n>', 'words that occur less often become <unk>', wholeNumber(1), 1)
    .option('--max-length <n>', 'leave out pairs with more tokens than this on a side', wholeNumber(1), 50)
    .option('--lowercase', 'fold capital letters')
    .addOption(
      new Option(
        '--normalize <form>',
        'Unicode form; nfc also drops invisible characters, nfkc also replaces ligatures and the like',
      )
        .choices(NORMALIZATION_NAMES)
        .default('nfc'),
    )
    .addHelpText('after', EXAMPLE)
  return addJson(addOutDirectory(command, 'data directory to make'), 'the summary')
}
