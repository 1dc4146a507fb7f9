/** The commands, and how their help looks. What a command does is loaded when it is run. */
import { Command } from 'commander'
import { VERSION } from '../version.ts'
import { compressCommand } from './commands/compress.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { inspectCommand } from './commands/inspect.ts'
import { packCommand } from './commands/pack.ts'
import { phrasebookCommand } from './commands/phrasebook.ts'
import { prepareCommand } from './commands/prepare.ts'
import { pruneCommand } from './commands/prune.ts'
import { quickstartCommand } from './commands/quickstart.ts'
import { reportCommand } from './commands/report.ts'
import { retrainCommand } from './commands/retrain.ts'
import { scoreCommand } from './commands/score.ts'
import { sensitivityCommand } from './commands/sensitivity.ts'
import { studyCommand } from './commands/study.ts'
import { trainCommand } from './commands/train.ts'
import { translateCommand } from './commands/translate.ts'
import { unpackCommand } from './commands/unpack.ts'

/** What a command does, given its arguments, its options and the command itself. */
type Action = (...values: never[]) => Promise<void>

/** Each command, and how to load what it does. */
const COMMANDS: readonly (readonly [create: () => Command, load: () => Promise<Action>])[] = [
  [quickstartCommand, async () => (await import('./actions/quickstart.ts')).quickstartAction],
  [phrasebookCommand, async () => (await import('./actions/phrasebook.ts')).phrasebookAction],
  [prepareCommand, async () => (await import('./actions/prepare.ts')).prepareAction],
  [trainCommand, async () => (await import('./actions/train.ts')).trainAction],
  [retrainCommand, async () => (await import('./actions/retrain.ts')).retrainAction],
  [inspectCommand, async () => (await import('./actions/inspect.ts')).inspectAction],
  [pruneCommand, async () => (await import('./actions/prune.ts')).pruneAction],
  [sensitivityCommand, async () => (await import('./actions/sensitivity.ts')).sensitivityAction],
  [compressCommand, async () => (await import('./actions/compress.ts')).compressAction],
  [studyCommand, async () => (await import('./actions/study.ts')).studyAction],
  [reportCommand, async () => (await import('./actions/report.ts')).reportAction],
  [packCommand, async () => (await import('./actions/pack.ts')).packAction],
  [unpackCommand, async () => (await import('./actions/unpack.ts')).unpackAction],
  [translateCommand, async () => (await import('./actions/translate.ts')).translateAction],
  [evaluateCommand, async () => (await import('./actions/evaluate.ts')).evaluateAction],
  [scoreCommand, async () => (await import('./actions/score.ts')).scoreAction],
]

const PIPELINE = `
From text to a pruned translator:
  espalier prepare --source train.en --target train.de \\
    --valid-source valid.en --valid-target valid.de --out data
  espalier train data --preset small --out model
  espalier prune model --fraction 0.8 --out pruned
  espalier retrain pruned data --out retrained
  espalier evaluate retrained --source test.en --reference test.de
  espalier pack retrained --values int8 --out retrained.espalier
  espalier translate retrained.espalier text.en

Exit status: 0 done, 1 failed at work, 2 wrong usage or input, 130 interrupted,
143 terminated.
`

export function createProgram(): Command {
  const program = new Command('espalier')
    .description(
      'Trains LSTM translation models, prunes the weights that matter least, retrains what is left. New here? Run: espalier quickstart',
    )
    .version(VERSION)
    .usage('<command> [options]')
    .configureHelp({ subcommandTerm: command => command.name() })
    .helpCommand(false)
    .addHelpText('after', PIPELINE)
  for (const [create, load] of COMMANDS)
    program.addCommand(
      // Commander does not know the types of what it read; those of a command's file say what they are.
      create().action(async (...values: unknown[]) => (await load())(...(values as never[]))),
    )
  for (const command of [program, ...program.commands])
    command
      .option('--debug', 'show where in the program an unexpected error happened')
      .helpOption('-h, --help', 'show this help')
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /u, 'espalier: ')) })
      .showSuggestionAfterError()
      .showHelpAfterError(
        `(${command === program ? 'espalier' : `espalier ${command.name()}`} --help shows what there is)`,
      )
      .exitOverride()
  return program
}
