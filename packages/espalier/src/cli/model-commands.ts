/** `train`, `retrain` and `inspect`. */

import { UserError } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { sizeOf } from '@espalier/runtime/packed'
import type { Command } from 'commander'
import { modelClasses, readManifest, readModel } from '../checkpoint/model-directory.ts'
import { type Configuration, parseConfiguration } from '../configuration/configuration.ts'
import { PRESETS } from '../configuration/presets.ts'
import type { TrainingConfig } from '../configuration/training.ts'
import { type RunOptions, resume, retrain, trainNew } from '../pipeline/train.ts'
import { describeClasses } from '../pruning/index.ts'
import { retrainingOptions, rewoundOptions } from '../training/learning-rate.ts'
import type { Outcome } from '../training/trainer.ts'
import { isPacked } from '../translation/open.ts'
import { applySettings, collect, integer, positiveInteger, readConfiguration } from './options.ts'
import { note, percent, print, printJson, table, thousands, trainingProgress } from './output.ts'
import { inspectPacked } from './packing-commands.ts'

interface TrainFlags {
  out: string
  preset?: string
  config?: string
  maskOf?: string
  rewind?: number
  weightsOf?: string
  regrow?: boolean
  set?: string[]
  resume?: boolean
  force?: boolean
  threads?: number
}

/** Runs training with a bar, and turns SIGINT into a checkpoint. */
async function withProgress(
  label: string,
  flags: TrainFlags,
  again: string,
  run: (options: RunOptions) => Promise<Outcome>,
): Promise<void> {
  const interrupt = new AbortController()
  const onSignal = () => {
    note('\ninterrupted: writing a checkpoint')
    interrupt.abort()
  }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  const events = trainingProgress(label)
  try {
    const outcome = await run({
      out: flags.out,
      force: flags.force,
      threads: flags.threads,
      events,
      signal: interrupt.signal,
    })
    events.stop()
    if (outcome === 'interrupted') {
      note(`stopped at a checkpoint; go on with:\n  ${again}`)
      process.exitCode = 1
    } else
      note(
        outcome === 'completed' ? `done: ${flags.out}` : `stopped early, validation no longer improves: ${flags.out}`,
      )
  } finally {
    events.stop()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

const withRunOptions = (command: Command) =>
  command
    .requiredOption('--out <dir>', 'model directory to make')
    .option('--set <section.key=value>', 'change one setting; may be repeated', collect)
    .option('--resume', 'go on where an interrupted run left --out')
    .option('--threads <n>', 'threads inside an operator; default: all cores', positiveInteger)
    .option('--force', 'replace a directory that exists')

export function addModelCommands(program: Command): void {
  withRunOptions(
    program
      .command('train')
      .summary('train a model on prepared data')
      .description(
        `Trains an LSTM encoder-decoder. Presets: ${Object.keys(PRESETS).join(', ')}.\n` +
          'A file given with --config has the sections model and training (YAML); --set changes single keys.\n' +
          'An interrupted run goes on with --resume, bit for bit as if it had not been interrupted.',
      )
      .argument('<data>', "directory made by 'espalier prepare'"),
  )
    .option('--preset <name>', 'configuration to begin from', 'small')
    .option('--config <file>', 'configuration file')
    .option('--mask-of <model>', 'hold the mask of this pruned model from the first step: its structure from scratch')
    .addHelpText('after', '\nExample:\n  espalier train data --preset small --set training.epochs=4 --out model\n')
    .action(async (data: string, flags: TrainFlags) => {
      const { configuration } = await readConfiguration(flags)
      await withProgress('train', flags, `espalier train ${data} --out ${flags.out} --resume`, options =>
        flags.resume ? resume(data, options) : trainNew(data, configuration, { ...options, maskOf: flags.maskOf }),
      )
    })

  withRunOptions(
    program
      .command('retrain')
      .summary('train a pruned model on, the pruned weights held at zero')
      .description(
        "The paper's retraining: half the learning rate, a third of the epochs, halved every half epoch after half of them.\n" +
          'Change it with --set training.…; --set gradual.fraction=0.9 prunes while it trains.',
      )
      .argument('<model>', 'pruned model')
      .argument('<data>', 'the data it was trained on'),
  )
    .option('--rewind <epoch>', 'take the learning rates of the first training from this epoch on', integer)
    .option('--weights-of <model>', 'with --rewind: also the weights that this model kept after that epoch')
    .option('--regrow', 'give the mask up: pruned weights begin at zero and grow (dense-sparse-dense)')
    .action(async (model: string, data: string, flags: TrainFlags) => {
      if (flags.weightsOf !== undefined && flags.rewind === undefined)
        throw new UserError('usage', '--weights-of needs --rewind, the epoch to take the weights of')
      const { rewind: epoch, regrow, weightsOf } = flags
      const rewind = epoch !== undefined && weightsOf !== undefined ? { model: weightsOf, epoch } : undefined
      const original = (await readManifest(model)).training
      const { training, gradual } = adjustRetraining(original, flags)
      await withProgress('retrain', flags, `espalier retrain ${model} ${data} --out ${flags.out} --resume`, options =>
        flags.resume
          ? resume(data, options)
          : retrain(model, data, () => training, { ...options, rewind, regrow, gradual }),
      )
    })

  program
    .command('inspect')
    .summary("show a model's weight classes")
    .argument('<model>', 'model directory, or a packed file: what its bytes are for')
    .option('--json', 'print as JSON')
    .action(async (directory: string, { json }: { json?: boolean }) => {
      if (await isPacked(directory)) return inspectPacked(directory, json ?? false)
      const model = await readModel(directory)
      const classes = describeClasses(modelClasses(model), model.mask)
      const biases = parameterSpecs(model.config.model)
        .filter(({ weightClass }) => !weightClass)
        .reduce((n, { shape }) => n + sizeOf(shape), 0)
      if (json) return printJson({ config: model.config, classes, biases })
      print(classTable(classes, biases))
    })
}

/** The paper's retraining, or the end of the first training once more, with settings applied. */
function adjustRetraining(original: TrainingConfig, { rewind, set = [] }: TrainFlags): Configuration {
  const paper = rewind === undefined ? retrainingOptions(original) : rewoundOptions(original, rewind)
  const draft: Record<string, Record<string, unknown>> = { training: { ...paper, snapshots: [] } }
  applySettings(draft, set)
  for (const section of Object.keys(draft))
    if (section !== 'training' && section !== 'gradual')
      throw new UserError('invalid-setting', `--set ${section}.…: retraining can change training.… and gradual.… only`)
  const { training, gradual } = draft
  return parseConfiguration(
    { training, gradual: gradual && { end: Number(training.epochs), ...gradual } },
    set.length > 0 ? '--set' : 'retraining',
  )
}

function classTable(classes: ReturnType<typeof describeClasses>, biases: number): string {
  const rows = classes.map(c => [
    c.name,
    c.tensors.map(({ shape }) => shape.join('×')).join(' + '),
    thousands(c.weights),
    percent(c.sparsity),
    c.sigma.toFixed(4),
    c.largestKept.toFixed(4),
    c.smallestKept.toExponential(1),
  ])
  const weights = classes.reduce((n, c) => n + c.weights, 0)
  const kept = classes.reduce((n, c) => n + c.kept, 0)
  const total = `${thousands(weights)} weights in ${classes.length} classes, ${percent(1 - kept / weights)} pruned; ${thousands(biases)} biases apart`
  return `${table(['class', 'shapes', 'weights', 'sparsity', 'σ', 'largest |w|', 'smallest kept |w|'], rows)}\n${total}`
}
