/** The command line. Exit status: 0 done, 1 failed at work, 2 wrong usage or input. */
import { UserError } from '@espalier/runtime'
import { Command, CommanderError } from 'commander'
import { VERSION } from '../version.ts'
import { addCorpusCommands } from './corpus-commands.ts'
import { addModelCommands } from './model-commands.ts'
import { note } from './output.ts'
import { addPackingCommands } from './packing-commands.ts'
import { addPruningCommands } from './pruning-commands.ts'
import { addQuickstart } from './quickstart.ts'
import { addStudyCommands } from './study-commands.ts'
import { addTranslationCommands } from './translation-commands.ts'

export function createProgram(): Command {
  const program = new Command('espalier')
    .description(
      'Trains LSTM translation models, prunes the weights that matter least, retrains what is left.\n' +
        'New here? Run: espalier quickstart',
    )
    .version(VERSION)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      '\nThe way from text to a pruned translator:\n' +
        '  espalier prepare --source train.en --target train.de --valid-source valid.en --valid-target valid.de --out data\n' +
        '  espalier train data --preset small --out model\n' +
        '  espalier prune model --fraction 0.8 --out pruned\n' +
        '  espalier retrain pruned data --out retrained\n' +
        '  espalier evaluate retrained --source test.en --reference test.de\n' +
        '  espalier pack retrained --values int8 --out retrained.espalier\n' +
        '  espalier translate retrained.espalier text.en\n',
    )
    .exitOverride()
  // Commands made later take these settings over.
  addQuickstart(program)
  addCorpusCommands(program)
  addModelCommands(program)
  addPruningCommands(program)
  addStudyCommands(program)
  addPackingCommands(program)
  addTranslationCommands(program)
  return program
}

/** Runs the command line. @param words without the program's name @returns the exit status */
export async function main(words: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...words], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof UserError) {
      note(`espalier: ${error.message}`)
      return error.code === 'diverged' ? 1 : 2
    }
    const { code, message, stack } = error as NodeJS.ErrnoException
    note(
      code === 'ENOSPC'
        ? `espalier: the disk is full; what was there before is intact (${message})`
        : `espalier: ${stack}`,
    )
    return 1
  }
}
