/** `prune`, `sensitivity` and `compress`. */
import { UserError } from '@espalier/runtime'
import { type Command, Option } from 'commander'
import { readModel } from '../checkpoint/model-directory.ts'
import { openPrepared } from '../corpus/prepared.ts'
import { measureSensitivity, type Sensitivity, sensitivityBudget } from '../evaluation/sensitivity.ts'
import { parseClasses, pruneFile } from '../pipeline/prune-file.ts'
import { pruneModel } from '../pipeline/prune-model.ts'
import { type ClassReport, SCHEMES, type Scheme } from '../pruning/index.ts'
import { fraction, integer, list, numbers, positiveInteger, readYamlFile } from './options.ts'
import { note, percent, print, printJson, table, thousands } from './output.ts'

interface PruneFlags {
  scheme: Scheme
  fraction?: number
  block?: string
  pattern?: string
  only?: string[]
  except?: string[]
  budget?: 'sensitivity'
  data?: string
  classes?: string
  maskOut?: string
  out: string
  seed: number
  force?: boolean
  json?: boolean
}

/** Options that say which weights go. */
function withSelection(command: Command): Command {
  return command
    .addOption(new Option('--scheme <name>', 'which weights go').choices(Object.keys(SCHEMES)).default('class-blind'))
    .option('--block <rows x columns>', 'weights go in blocks, as in 1x8')
    .option('--pattern <N:M>', 'N kept of each M consecutive weights of a row, as in 2:4; it decides the fraction')
    .option('--only <classes>', 'prune these classes only, separated by commas', list)
    .option('--except <classes>', 'leave these classes as they are', list)
    .option('--seed <n>', 'of random pruning', integer, 1)
}

export function addPruningCommands(program: Command): void {
  withSelection(
    program
      .command('prune')
      .summary('set the weights that matter least to zero')
      .description(
        'Removes exactly the given fraction of all weights (biases are never pruned). Schemes:\n' +
          '  class-blind          least magnitude, all classes together\n' +
          '  class-uniform        the same fraction of each class\n' +
          "  class-distribution   below λσ of each class's weights, λ found for the total\n" +
          '  random               anything: the baseline\n' +
          '  taylor, movement     by scores that training gathered (retrain --set training.gather=movement)\n' +
          'A model that is pruned already can be pruned further.\n' +
          "Any other program's safetensors file is pruned by name patterns of its tensors, given with --classes.",
      )
      .argument('<model>', 'trained model, or a .safetensors file with --classes'),
  )
    .option('--fraction <f>', 'of all weights, in [0, 1)', fraction)
    .addOption(
      new Option('--budget <kind>', 'fractions by class from what each class bears, measured on --data').choices([
        'sensitivity',
      ]),
    )
    .option('--data <dir>', 'prepared data, for --budget')
    .option('--classes <file>', 'YAML: weight classes with name patterns, for a .safetensors file')
    .option('--mask-out <file>', 'of a .safetensors file: also write the mask')
    .requiredOption('--out <dir>', 'model directory (or file) to make')
    .option('--force', 'replace what exists')
    .option('--json', 'print what each class lost as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  espalier prune model --fraction 0.8 --out pruned\n' +
        '  espalier prune model --fraction 0.8 --block 1x8 --except attention --out blocks\n' +
        '  espalier prune pytorch.safetensors --classes classes.yaml --fraction 0.8 --out pruned.safetensors\n',
    )
    .action(async (model: string, flags: PruneFlags) => {
      const report = await pruneByFlags(model, flags)
      if (flags.json) printJson(report)
      else print(pruningTable(report))
    })

  program
    .command('sensitivity')
    .summary('what a model loses when one class alone is pruned')
    .description('Prunes each weight class by itself, without retraining, and measures validation perplexity.')
    .argument('<model>', 'trained model')
    .argument('<data>', 'prepared data')
    .option('--levels <fractions>', 'separated by commas; default: 0.1 to 0.9', numbers)
    .option('--threads <n>', 'threads inside an operator', positiveInteger)
    .option('--json', 'print as JSON')
    .action(async (model: string, data: string, flags: { levels?: number[]; threads?: number; json?: boolean }) => {
      const corpus = await openPrepared(data)
      const found = await measureSensitivity(await readModel(model), corpus.valid, {
        ...flags,
        onPoint: point => note(`${point.name} ${percent(point.fraction)}: perplexity ${point.perplexity.toFixed(2)}`),
      })
      if (flags.json) printJson(found)
      else print(sensitivityTable(found))
    })
}

async function pruneByFlags(model: string, flags: PruneFlags): Promise<ClassReport[]> {
  const { pattern, budget, data, classes } = flags
  if (flags.fraction === undefined && pattern === undefined)
    throw new UserError('usage', 'wanted is --fraction (or --pattern, which decides it)')
  if (flags.fraction !== undefined && pattern !== undefined)
    throw new UserError('usage', '--pattern decides the fraction: leave --fraction out')
  if (pattern !== undefined && flags.block !== undefined)
    throw new UserError('usage', '--pattern and --block exclude each other')
  const fraction = flags.fraction ?? 0
  if (model.endsWith('.safetensors')) {
    if (!classes) throw new UserError('usage', `${model} is a file: name its weight classes with --classes`)
    return pruneFile(model, {
      ...flags,
      fraction,
      budget: undefined,
      classes: parseClasses(await readYamlFile(classes), classes),
    })
  }
  if (classes || flags.maskOut)
    throw new UserError('usage', '--classes and --mask-out are for a .safetensors file; a model knows its classes')
  if (!budget) return pruneModel(model, { ...flags, fraction, budget: undefined })
  if (!data) throw new UserError('usage', '--budget sensitivity needs --data to measure on')
  const corpus = await openPrepared(data)
  note('measuring what each class bears')
  const found = await measureSensitivity(await readModel(model), corpus.valid)
  return pruneModel(model, { ...flags, fraction, budget: sensitivityBudget(found, fraction) })
}

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

function sensitivityTable({ perplexity, points, weights }: Sensitivity): string {
  const levels = [...new Set(points.map(p => p.fraction))].sort((a, b) => a - b)
  const rows = Object.keys(weights).map(name => [
    name,
    ...levels.map(level => points.find(p => p.name === name && p.fraction === level)!.perplexity.toFixed(2)),
  ])
  return `validation perplexity; ${perplexity.toFixed(2)} with all weights\n${table(['class', ...levels.map(percent)], rows)}`
}
