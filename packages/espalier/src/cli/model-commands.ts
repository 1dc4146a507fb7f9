/** `train`, `retrain`, `prune` and `inspect`. */
import { UserError } from '@espalier/runtime'
import { type Command, Option } from 'commander'
import { readModel } from '../checkpoint/model-directory.ts'
import { parameterSpecs } from '../model/parameters.ts'
import { type ClassReport, describeClasses, SCHEMES, type Scheme } from '../pruning/index.ts'
import { modelClasses, pruneModel } from '../pruning/model.ts'
import { PRESETS, parseConfiguration, type TrainingOptions } from '../training/configuration.ts'
import { type RunOptions, resume, retrain, trainNew } from '../training/run.ts'
import type { Outcome } from '../training/trainer.ts'
import { applySettings, collect, fraction, integer, positiveInteger, readConfiguration } from './options.ts'
import { note, print, printJson, table, thousands, trainingProgress } from './output.ts'

interface TrainFlags {
  out: string
  preset?: string
  config?: string
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
    .addHelpText('after', '\nExample:\n  espalier train data --preset small --set training.epochs=4 --out model\n')
    .action(async (data: string, flags: TrainFlags) => {
      const configuration = await readConfiguration(flags)
      await withProgress('train', flags, `espalier train ${data} --out ${flags.out} --resume`, options =>
        flags.resume ? resume(data, options) : trainNew(data, configuration, options),
      )
    })

  withRunOptions(
    program
      .command('retrain')
      .summary('train a pruned model on, the pruned weights held at zero')
      .description(
        "The paper's retraining: half the learning rate, a third of the epochs, halved every half epoch after half of them.\n" +
          'Change it with --set training.….',
      )
      .argument('<model>', 'pruned model')
      .argument('<data>', 'the data it was trained on'),
  ).action(async (model: string, data: string, flags: TrainFlags) => {
    await withProgress('retrain', flags, `espalier retrain ${model} ${data} --out ${flags.out} --resume`, options =>
      flags.resume
        ? resume(data, options)
        : retrain(model, data, paper => adjustTraining(paper, flags.set ?? []), options),
    )
  })

  program
    .command('prune')
    .summary('set the weights that matter least to zero')
    .description(
      'Removes exactly the given fraction of all weights (biases are never pruned). Schemes:\n' +
        '  class-blind          least magnitude, all classes together\n' +
        '  class-uniform        the same fraction of each class\n' +
        "  class-distribution   below λσ of each class's weights, λ found for the total\n" +
        '  random               anything: the baseline\n' +
        'A model that is pruned already can be pruned further.',
    )
    .argument('<model>', 'trained model')
    .addOption(new Option('--scheme <name>', 'which weights go').choices(Object.keys(SCHEMES)).default('class-blind'))
    .requiredOption('--fraction <f>', 'of all weights, in [0, 1)', fraction)
    .requiredOption('--out <dir>', 'model directory to make')
    .option('--seed <n>', 'of random pruning', integer, 1)
    .option('--force', 'replace a directory that exists')
    .option('--json', 'print what each class lost as JSON')
    .action(
      async (
        model: string,
        flags: { scheme: Scheme; fraction: number; out: string; seed: number; force?: boolean; json?: boolean },
      ) => {
        const report = await pruneModel(model, flags)
        if (flags.json) printJson(report)
        else print(pruningTable(report))
      },
    )

  program
    .command('inspect')
    .summary("show a model's weight classes")
    .argument('<model>', 'model directory')
    .option('--json', 'print as JSON')
    .action(async (directory: string, { json }: { json?: boolean }) => {
      const model = await readModel(directory)
      const classes = describeClasses(modelClasses(model), model.mask)
      const biases = parameterSpecs(model.config.model)
        .filter(({ weightClass }) => !weightClass)
        .reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)
      if (json) return printJson({ config: model.config, classes, biases })
      print(classTable(classes, biases))
    })
}

/** The paper's retraining with settings of the section training applied. */
function adjustTraining(paper: TrainingOptions, settings: readonly string[]): TrainingOptions {
  const draft = { training: { ...paper } as Record<string, unknown> }
  applySettings(draft, settings)
  const { training, ...others } = draft
  if (Object.keys(others).length > 0)
    throw new UserError('invalid-setting', 'retraining can change --set training.… only')
  return parseConfiguration({ training }, '--set').training
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`

export function pruningTable(report: readonly ClassReport[]): string {
  const rows = report.map(c => [
    c.name,
    thousands(c.weights),
    percent(c.pruned / c.weights),
    c.largestPruned.toFixed(5),
  ])
  const [weights, pruned] = [report.reduce((n, c) => n + c.weights, 0), report.reduce((n, c) => n + c.pruned, 0)]
  rows.push([
    'all',
    thousands(weights),
    percent(pruned / weights),
    Math.max(...report.map(c => c.largestPruned)).toFixed(5),
  ])
  return table(['class', 'weights', 'pruned', 'largest pruned |w|'], rows)
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
