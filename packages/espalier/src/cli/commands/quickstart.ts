/** `quickstart`: what it is called and takes. */
import { Command } from 'commander'
import { addBackend, addJson, type BackendFlag, type JsonFlag, type OutFlags } from '../option-groups.ts'
import { wholeNumber } from '../option-values.ts'

export interface QuickstartFlags extends OutFlags, JsonFlag, BackendFlag {
  readonly seed: number
}

export function quickstartCommand(): Command {
  const command = new Command('quickstart')
    .summary('a whole study in small, on the built-in phrasebook: minutes')
    .description(
      "Writes the phrasebook, trains a small model on it, prunes it by three schemes at several levels, retrains, trains a sparse structure from scratch, and answers the paper's claims from what it measured, with a report. Last it translates sentences that no model has seen, and packs a model. " +
        'Stopped at any moment, it goes on where it was: give the same command again.',
    )
    .option('--out <dir>', 'directory to make, or to go on in', 'quickstart')
    .option('--seed <n>', 'seed of phrasebook and training; the same one gives the same models', wholeNumber(0), 1)
    .option('--force', 'begin anew: replace a directory that exists, if Espalier made it')
  return addJson(addBackend(command), 'the results')
}
