/** `prune`: what it is called and takes. */
import { Command, Option } from 'commander'
import {
  addJson,
  addOutDirectory,
  addSelection,
  type JsonFlag,
  type OutFlags,
  type SelectionFlags,
} from '../option-groups.ts'
import { fraction, wholeNumber } from '../option-values.ts'

export interface PruneFlags extends SelectionFlags, OutFlags, JsonFlag {
  readonly fraction?: number
  readonly pattern?: string
  readonly budget?: 'sensitivity'
  readonly data?: string
  readonly classes?: string
  readonly maskOut?: string
  readonly seed?: number
}

const SCHEMES_AND_EXAMPLES = `
Schemes:
  class-blind         smallest magnitudes, all classes together
  class-uniform       smallest magnitudes, the same fraction of each class
  class-distribution  magnitudes below λσ of a class, λ found for the total
  random              any weights: the baseline
  taylor, movement    smallest scores gathered by training
                      (retrain --set training.gather=movement)

Examples:
  espalier prune model --fraction 0.8 --out pruned
  espalier prune model --fraction 0.8 --block 1x8 --except attention --out b
  espalier prune pytorch.safetensors --classes classes.yaml --fraction 0.8 \\
    --out pruned.safetensors
`

export function pruneCommand(): Command {
  const command = new Command('prune')
    .summary('set the weights that matter least to zero')
    .description(
      'Removes exactly the given fraction of the weights of the chosen classes; biases are never pruned. A model that is pruned already can be pruned further. A safetensors file of any other program is pruned by name patterns of its tensors, given with --classes.',
    )
    .argument('<model>', 'trained model, or a .safetensors file')
    .option('--fraction <f>', 'fraction of the weights of the chosen classes, in [0, 1)', fraction)
  addSelection(command)
    .option('--pattern <N:M>', 'keep N of each M consecutive weights of a row, as in 2:4; it decides the fraction')
    .option('--seed <n>', 'seed of --scheme random (default: 1)', wholeNumber(0))
    .addOption(
      new Option('--budget <kind>', 'choose fractions by class from how sensitive each is, measured on --data').choices(
        ['sensitivity'],
      ),
    )
    .option('--data <dir>', 'prepared data whose validation text --budget measures on')
    .option('--classes <file>', 'of a .safetensors file: weight classes with name patterns (YAML)')
    .option('--mask-out <file>', 'of a .safetensors file: also write the mask')
    .addHelpText('after', SCHEMES_AND_EXAMPLES)
  return addJson(addOutDirectory(command, 'model directory (or file) to make'), 'what each class lost')
}
