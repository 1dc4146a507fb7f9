/** `study` and `compress`: many models, one job. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import type { Command } from 'commander'
import { readManifest } from '../checkpoint/model-directory.ts'
import { readLines } from '../corpus/lines.ts'
import { openPrepared } from '../corpus/prepared.ts'
import { withLock } from '../storage/lock.ts'
import { Interrupted, ModelStore } from '../store/model-store.ts'
import { fractionOf, type Recipe, slug, type TrainRecipe } from '../store/recipe.ts'
import type { TestText } from '../study/evaluator.ts'
import { readResults, writeReport } from '../study/report.ts'
import type { Claim, ModelResult, StudyResults } from '../study/results.ts'
import { scheduleRecipes } from '../study/schedule.ts'
import { runStudy, type StudyEvents } from '../study/study.ts'
import { collect, list, numbers, positiveInteger, readConfiguration } from './options.ts'
import { duration, note, percent, print, printJson, table, trainingProgress } from './output.ts'

/** Runs a job that SIGINT stops where it can go on. */
export async function interruptible<T>(
  again: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const interrupt = new AbortController()
  const onSignal = () => {
    note('\ninterrupted: stopping where it can go on')
    interrupt.abort()
  }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await work(interrupt.signal)
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    note(`stopped; go on with:\n  ${again}`)
    process.exitCode = 1
    return undefined
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** Tells of experiments as they go. */
export function studyProgress(): StudyEvents {
  return {
    onExperiment(label, place, total, secondsLeft) {
      const where = place > 0 ? `${place}/${total} ` : ''
      note(`${where}${label}${secondsLeft === undefined ? '' : `; about ${duration(secondsLeft)} left in all`}`)
    },
    onTraining: label => trainingProgress(label),
    onResult: ({ id, bleu, sparsity, perplexity }) =>
      note(`  ${id}: BLEU ${bleu.score.toFixed(2)}, perplexity ${perplexity.toFixed(2)}, ${percent(sparsity)} pruned`),
  }
}

interface StudyFlags {
  out: string
  preset?: string
  config?: string
  set?: string[]
  testSource?: string
  testReference?: string
  baseline?: string
  update?: boolean
  threads?: number
  json?: boolean
}

export function addStudyCommands(program: Command): void {
  program
    .command('study')
    .summary('put every claim of the paper to the test on your data, with a report')
    .description(
      'Trains a model, prunes it by every scheme at every level, retrains, trains sparse structures from scratch, and\n' +
        'answers each claim of See, Luong & Manning (2016) with what was measured: report.html, figures/, results.json.\n' +
        'It can be stopped at any moment and goes on where it was: give the same command again.\n' +
        'What it compares is said in the section study of --config; every key has a default.',
    )
    .argument('<data>', "directory made by 'espalier prepare'")
    .requiredOption('--out <dir>', "the study's directory: to make, or to go on in")
    .option('--preset <name>', 'configuration to begin from', 'small')
    .option('--config <file>', 'configuration file: sections model, training, study')
    .option('--set <section.key=value>', 'change one setting; may be repeated', collect)
    .option('--test-source <file>', 'text that BLEU is measured on; default: the validation text')
    .option('--test-reference <file>', 'its translation')
    .option('--baseline <model>', 'a model trained on this data, so that it is not trained again')
    .option('--update', 'go on with another configuration; what still counts is not done again')
    .option('--threads <n>', 'threads inside an operator', positiveInteger)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  espalier study data --preset tiny --out study --set study.retrained=[0.8,0.9]\n',
    )
    .action(async (data: string, flags: StudyFlags) => {
      const again = `espalier study ${data} --out ${flags.out} … (the same command)`
      const { configuration, study } = await readConfiguration(flags)
      const test = await testText(flags)
      const { out, baseline, update, threads } = flags
      const options = { data, out, configuration, study, test, baseline, update, threads, events: studyProgress() }
      const results = await interruptible(again, signal => runStudy({ ...options, signal }))
      // Also of an unfinished study: what there is can be looked at.
      const report = existsSync(join(out, 'results.json')) ? await reportOf(out) : undefined
      if (!results) return
      if (flags.json) printJson(results)
      else printStudy(results)
      note(`report: ${report}`)
    })

  program
    .command('compress')
    .summary('prune and retrain by a schedule: step by step, gradually, with rewinding, with regrowth')
    .description(
      'A schedule is a few keys: method (iterated, gradual, or none: only train on), scheme, block, pattern, only,\n' +
        'except, steps, rewind (none, rate or weights), rewindTo, regrow, gradualEnd, gatherEpochs, and retraining, which\n' +
        'changes training options.\n' +
        'Give them in the section schedule of --config, or with --set schedule.key=value.\n' +
        'Stopped at any moment, it goes on where it was: give the same command again.',
    )
    .argument('<model>', 'trained model')
    .argument('<data>', 'the data it was trained on')
    .requiredOption('--out <dir>', 'directory of the models to make')
    .option('--steps <fractions>', 'prune and retrain to each in turn, as in 0.4,0.6,0.8', numbers)
    .option('--scheme <name>', 'which weights go')
    .option('--block <rows x columns>', 'weights go in blocks, as in 1x8')
    .option('--only <classes>', 'prune these classes only, separated by commas', list)
    .option('--except <classes>', 'leave these classes as they are', list)
    .option('--config <file>', 'file with a section schedule')
    .option('--set <schedule.key=value>', 'change one setting; may be repeated', collect)
    .option('--threads <n>', 'threads inside an operator', positiveInteger)
    .addHelpText(
      'after',
      '\nExamples:\n  espalier compress model data --steps 0.4,0.6,0.8,0.9 --out iterated\n' +
        '  espalier compress model data --steps 0.9 --set schedule.method=gradual --out gradual\n' +
        '  espalier compress model data --steps 0.8 --set schedule.rewind=rate --set schedule.rewindTo=2 --out rewound\n',
    )
    .action(compress)
}

interface CompressFlags {
  out: string
  steps?: number[]
  scheme?: string
  block?: string
  only?: string[]
  except?: string[]
  config?: string
  set?: string[]
  threads?: number
}

async function compress(model: string, data: string, flags: CompressFlags): Promise<void> {
  const { config: file, set, steps, scheme, block, only, except } = flags
  const given = Object.entries({ steps, scheme, block, only, except }).filter(([, value]) => value !== undefined)
  const { schedule } = await readConfiguration({ config: file, set }, { schedule: Object.fromEntries(given) })
  const config = await readManifest(model)
  const corpus = await openPrepared(data)
  if (config.data !== corpus.digests['train.bin'])
    throw new UserError('other-data', `${model} was trained on other data than ${data}`)
  const { sourceVocabulary: _source, targetVocabulary: _target, ...network } = config.model
  const base: TrainRecipe = { kind: 'train', configuration: { model: network, training: config.training } }
  const recipes = scheduleRecipes(base, schedule)
  const again = `espalier compress ${model} ${data} --out ${flags.out} … (the same command)`
  const job = async (signal: AbortSignal) => {
    const store = await ModelStore.open(flags.out, corpus, {
      threads: flags.threads,
      signal,
      onModel: (recipe: Recipe) => {
        note(`${slug(recipe)}:`)
        return recipe.kind === 'prune' ? undefined : trainingProgress(slug(recipe))
      },
    })
    store.register(base, model)
    const rows: [string, string][] = []
    for (const recipe of recipes) {
      const directory = await store.build(recipe)
      rows.push([recipe.kind === 'retrain' && recipe.regrow ? 'regrown' : percent(fractionOf(recipe) ?? 0), directory])
    }
    print(table(['pruned', 'model'], rows))
  }
  await interruptible(again, signal => withLock(flags.out, () => job(signal), { onStale: note }))
}

async function testText({ testSource, testReference }: StudyFlags): Promise<TestText | undefined> {
  if (testSource === undefined && testReference === undefined) return undefined
  if (testSource === undefined || testReference === undefined)
    throw new UserError('usage', '--test-source and --test-reference go together')
  const [sources, references] = [
    await readLines(testSource, { nonEmpty: true }),
    await readLines(testReference, { nonEmpty: true }),
  ]
  if (sources.length !== references.length)
    throw new UserError(
      'lengths-differ',
      `${testSource} has ${sources.length} lines and ${testReference} has ${references.length}`,
    )
  return { sources, references }
}

/** Draws the report anew from `results.json`. */
async function reportOf(out: string): Promise<string> {
  return writeReport(out, await readResults(out))
}

export function printStudy({ models, claims }: StudyResults): void {
  print(modelTable(models))
  print()
  print(claims.map(claimText).join('\n\n'))
}

function modelTable(models: readonly ModelResult[]): string {
  return table(
    ['model', 'pruned', 'BLEU', '95%', 'p', 'chrF', 'perplexity'],
    models.map(({ id, sparsity, bleu, pValue, chrf, perplexity }) => [
      id,
      percent(sparsity),
      bleu.score.toFixed(2),
      `${bleu.low.toFixed(1)}-${bleu.high.toFixed(1)}`,
      pValue === undefined ? '' : pValue.toFixed(3),
      chrf.toFixed(1),
      perplexity.toFixed(2),
    ]),
  )
}

const claimText = ({ number, claim, verdict, evidence }: Claim) =>
  `${number}. ${claim}\n   ${verdict.toUpperCase()}. ${evidence}`
