/** `phrasebook`: what it is called and takes. */
import { Command } from 'commander'
import { addJson, addOutDirectory, type JsonFlag, type OutFlags } from '../option-groups.ts'
import { wholeNumber } from '../option-values.ts'

export interface PhrasebookFlags extends OutFlags, JsonFlag {
  readonly pairs: number
  readonly seed: number
}

export function phrasebookCommand(): Command {
  const command = new Command('phrasebook')
    .summary('write English-German sentence pairs to try things on')
    .description(
      'Writes sentence pairs about gardens, weather, markets and travel, made by a grammar: train.en and train.de, and 500 pairs each of validation and test text that do not occur in the training text.',
    )
    .option('--pairs <n>', 'training pairs', wholeNumber(1), 20_000)
    .option('--seed <n>', 'the same seed makes the same pairs', wholeNumber(0), 1)
  return addJson(addOutDirectory(command, 'directory to make'), 'what was written')
}
