/** `study`: what it is called and takes. */
import { Command } from 'commander'
import {
  addBackend,
  addConfiguration,
  addJson,
  addThreads,
  type BackendFlag,
  type ConfigurationFlags,
  type JsonFlag,
  type ThreadsFlag,
} from '../option-groups.ts'
import { collect } from '../option-values.ts'

export interface StudyFlags extends ConfigurationFlags, JsonFlag, ThreadsFlag, BackendFlag {
  readonly out: string
  readonly test?: readonly string[]
  readonly testSource?: string
  readonly testReference?: string
  readonly baseline?: string
  readonly update?: boolean
}

const EXAMPLE = `
Examples:
  espalier study data --preset tiny --set study.retrained=[0.8,0.9] --out study
  espalier study data --test 2016=a.en,a.de --test 2017=b.en,b.de --out study
  espalier study data --set study.seeds=[1,2,3] --out study
`

export function studyCommand(): Command {
  const command = new Command('study')
    .summary('test every claim of the paper on your data, with a report')
    .description(
      'Trains a model, prunes it by every scheme at every level, retrains, trains sparse structures from scratch, and answers each claim of See, Luong & Manning (2016) with what was measured: report.html, figures/, results.json. Stopped at any moment, it goes on where it was: give the same command again. ' +
        'The section study of the configuration says what is compared; every key has a default. Causes are told apart with study.controls=true (the unpruned model trained on) and study.scratchKinds=[scratch,ticket,random-structure].',
    )
    .argument('<data>', "directory made by 'espalier prepare'")
    .requiredOption('--out <dir>', "the study's directory: to make, or to go on in")
    .option('--test-source <file>', 'text that BLEU is measured on (default: the validation text)')
    .option('--test-reference <file>', 'translation of --test-source')
    .option(
      '--test <name=source,reference>',
      'a test set by name; may be repeated: scores are given of each set and of all together',
      collect,
    )
    .option('--baseline <model>', 'a model trained on this data, to study instead of training one')
    .option('--update', 'go on with another configuration; what still counts is not done again')
    .addHelpText('after', EXAMPLE)
  return addJson(
    addThreads(addBackend(addConfiguration(command, 'model, training, study'), 'training.backend')),
    'the results',
  )
}
