/** `compress`: what it is called and takes. */
import { Command } from 'commander'
import {
  addBackend,
  addJson,
  addSelection,
  addSettings,
  addThreads,
  type BackendFlag,
  type JsonFlag,
  type SelectionFlags,
  type ThreadsFlag,
} from '../option-groups.ts'
import { fractions, positive, someFraction } from '../option-values.ts'

export interface CompressFlags extends SelectionFlags, JsonFlag, ThreadsFlag, BackendFlag {
  readonly out: string
  readonly fraction?: number
  readonly hours?: number
  readonly steps?: readonly number[]
  readonly config?: string
  readonly set?: readonly string[]
}

const EXAMPLES = `
Keys of schedule: method (iterated, gradual, or none: only train further),
scheme, block, pattern, only, except, steps, rewind (none, rate or weights),
rewindTo, regrow, gradualEnd, gatherEpochs, and retraining, which changes
training options. docs/configuration.yaml explains each.

Examples:
  espalier compress model data --fraction 0.9 --out compressed
  espalier compress model data --fraction 0.9 --hours 2 --out compressed
  espalier compress model data --steps 0.4,0.6,0.8,0.9 --out iterated
  espalier compress model data --steps 0.9 --set schedule.method=gradual \\
    --out gradual
  espalier compress model data --steps 0.8 --set schedule.rewind=rate \\
    --set schedule.rewindTo=2 --out rewound
`

export function compressCommand(): Command {
  const command = new Command('compress')
    .summary('prune and retrain, by the best schedule known or one given')
    .description(
      'With --fraction, prunes a model to it in the way that our studies found best, and retrains what is left until validation stops improving; says what it chose and what it cost. Without, makes the models of a schedule, each from the one before: pruned and retrained step by step, gradually while training, with rewinding, or with regrowth at the end. Stopped at any moment, it goes on where it was: give the same command again.',
    )
    .argument('<model>', 'trained model')
    .argument('<data>', 'the data it was trained on')
    .requiredOption('--out <dir>', 'directory of models: to make, or to go on in')
    .option('--fraction <f>', 'prune to this fraction of all weights, by the best schedule that is known', someFraction)
    .option('--hours <h>', 'with --fraction: try several schedules as long as time allows, and name the best', positive)
    .option(
      '--steps <fractions>',
      'prune and retrain to each in turn, as in 0.4,0.6 (default: 0.8, unless --fraction is given)',
      fractions,
    )
  addSelection(command).option('--config <file>', 'configuration file (YAML): section schedule')
  addSettings(command, 'schedule').addHelpText('after', EXAMPLES)
  return addJson(addThreads(addBackend(command, 'schedule.retraining.backend')), 'the models')
}
