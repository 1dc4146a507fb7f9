/** `translate`: what it is called and takes. */
import { Command } from 'commander'
import { MOST } from '../choices.ts'
import {
  addJson,
  addOutputFile,
  addSearch,
  type JsonFlag,
  type OutputFileFlags,
  type SearchFlags,
} from '../option-groups.ts'
import { wholeNumber } from '../option-values.ts'

export interface TranslateFlags extends SearchFlags, OutputFileFlags, JsonFlag {
  readonly nbest: number
  readonly alignments?: boolean
  readonly dictionary?: string
  readonly keepUnknown?: boolean
}

export function translateCommand(): Command {
  const command = new Command('translate')
    .summary('translate the lines of a file or of standard input')
    .description(
      'Translates each line; lines of standard input are translated as they come. A line of output is the translation; with --nbest it is: sentence number ||| translation ||| score; --alignments adds ||| and pairs source-target of word positions. ' +
        'An unknown word becomes the source word that the model attends to, or what --dictionary has for that word.',
    )
    .argument('<model>', 'model directory or packed file')
    .argument('[file]', 'text to translate (default: standard input)')
  addSearch(command)
    .option('--nbest <n>', 'translations of each line, at most --beam', wholeNumber(1, MOST.beam), 1)
    .option('--alignments', 'add word alignments')
    .option(
      '--dictionary <file>',
      'translations of words that the model does not know; a line is: word, tab, translation',
    )
    .option('--keep-unknown', 'leave <unk> in the output')
  addOutputFile(command, 'file to write (default: standard output)').addHelpText(
    'after',
    '\nExample:\n  espalier translate retrained.espalier news.en --output news.de\n',
  )
  return addJson(command, 'the translations')
}
