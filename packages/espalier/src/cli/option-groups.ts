/** Options that several commands share, declared once. */
import { type Command, Option } from 'commander'
import { BACKEND_SETTINGS, MOST, MOST_THREADS, SCHEME_NAMES, SCORE_TOKENIZERS } from './choices.ts'
import { collect, list, wholeNumber } from './option-values.ts'

/** Where a directory goes, and whether it may replace one. */
export interface OutFlags {
  readonly out: string
  readonly force?: boolean
}

export function addOutDirectory(command: Command, what: string): Command {
  return command
    .requiredOption('--out <dir>', what)
    .option('--force', 'replace a directory that exists, if Espalier made it')
}

export interface JsonFlag {
  readonly json?: boolean
}
export const addJson = (command: Command, what: string) =>
  command.option('--json', `print ${what} as JSON on standard output`)

export interface ThreadsFlag {
  readonly threads?: number
}
export const addThreads = (command: Command) =>
  command.option('--threads <n>', 'threads inside an operator (default: all cores)', wholeNumber(1, MOST_THREADS))

/** What computes a training. */
export interface BackendFlag {
  readonly backend?: (typeof BACKEND_SETTINGS)[number]
}
/** @param key that it sets, of commands that have `--set` */
export const addBackend = (command: Command, key?: string) =>
  command.addOption(
    new Option(
      '--backend <name>',
      `what computes: onnx (ONNX Runtime), wasm (WebAssembly: pruned weights cost nothing), auto: whichever takes less time${key === undefined ? '' : `; as --set ${key}`}`,
    ).choices(BACKEND_SETTINGS),
  )

/** A configuration: a preset, a file over it, single settings over both. */
export interface ConfigurationFlags {
  readonly preset?: string
  readonly config?: string
  readonly set?: readonly string[]
}
export const addSettings = (command: Command, sections: string) =>
  command.option(
    '--set <section.key=value>',
    `change one setting of ${sections}; the value is YAML; may be repeated`,
    collect,
  )
export const addConfiguration = (command: Command, sections: string) =>
  addSettings(
    command
      .option('--preset <name>', 'configuration to begin from (default: small)')
      .option('--config <file>', `configuration file (YAML): ${sections}`),
    sections,
  )

/** How a translator searches. */
export interface SearchFlags {
  readonly beam: number
  readonly batch: number
  readonly threads?: number
}
export const addSearch = (command: Command) =>
  command
    .option('--beam <n>', `hypotheses kept, 1 to ${MOST.beam}; 1: greedy search`, wholeNumber(1, MOST.beam), 5)
    .option('--batch <n>', `sentences translated together`, wholeNumber(1, MOST.batchSize), 64)
    .option(
      '--threads <n>',
      'of a model directory: threads inside an operator (default: all cores); of a packed file: batches translated at ' +
        'once (default: 1)',
      wholeNumber(1, MOST_THREADS),
    )

/** How translations are scored. */
export interface ScoringFlags {
  readonly tokenizer?: (typeof SCORE_TOKENIZERS)[number]
  readonly lowercase?: boolean
}
export const addScoring = (command: Command, tokenizerDefault: string) =>
  command
    .addOption(
      new Option('--tokenizer <name>', `how BLEU cuts words (default: ${tokenizerDefault})`).choices(SCORE_TOKENIZERS),
    )
    .option('--lowercase', 'score without regard to capital letters')

/** A file that is written besides what is printed. */
export interface OutputFileFlags {
  readonly output?: string
  readonly force?: boolean
}
export const addOutputFile = (command: Command, what: string) =>
  command.option('--output <file>', what).option('--force', 'replace the file of --output if it exists')

/** Which weights go. */
export interface SelectionFlags {
  readonly scheme?: (typeof SCHEME_NAMES)[number]
  readonly block?: string
  readonly only?: readonly string[]
  readonly except?: readonly string[]
}
export const addSelection = (command: Command) =>
  command
    .addOption(new Option('--scheme <name>', 'which weights go (default: class-blind)').choices(SCHEME_NAMES))
    .option('--block <rows x columns>', 'remove weights in blocks of this size, as in 1x8 (default: 1x1)')
    .option('--only <classes>', 'prune these weight classes only, as in softmax,attention (default: all)', list)
    .option('--except <classes>', 'leave these weight classes as they are', list)
