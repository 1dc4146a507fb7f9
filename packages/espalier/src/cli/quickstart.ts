/** `quickstart`: the whole story on the phrasebook. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { readModel } from '../checkpoint/model-directory.ts'
import { prepareCorpus } from '../corpus/prepare.ts'
import { evaluateModel, type ModelScores } from '../evaluation/model.ts'
import { createDirectoryWhole } from '../files.ts'
import { describeClasses } from '../pruning/index.ts'
import { modelClasses, pruneModel } from '../pruning/model.ts'
import { PRESETS, parseConfiguration, retrainingOptions } from '../training/configuration.ts'
import { retrain, trainNew } from '../training/run.ts'
import { describePrepared, writePhrasebook } from './corpus-commands.ts'
import { integer, readLines } from './options.ts'
import { duration, note, print, table, trainingProgress } from './output.ts'

/** What is pruned, and what of it is retrained. */
const FRACTIONS = [0.4, 0.6, 0.8, 0.9]
const RETRAINED = [0.8]

interface Row {
  readonly name: string
  readonly sparsity: number
  readonly scores: ModelScores
}

export async function quickstart(out: string, { seed, force }: { seed: number; force: boolean }): Promise<void> {
  await createDirectoryWhole(out, { force, mark: 'text' }, async () => {})
  const began = performance.now()
  const at = (name: string) => join(out, name)
  note('Writing the phrasebook: English-German sentences about gardens, weather, markets and travel.')
  await writePhrasebook(at('text'), { pairs: 20_000, seed, force: false })
  const files = (name: string) => ({
    kind: 'files' as const,
    source: at(`text/${name}.en`),
    target: at(`text/${name}.de`),
  })
  const summary = await prepareCorpus(at('data'), {
    train: files('train'),
    valid: files('valid'),
    sourceLanguage: 'en',
    targetLanguage: 'de',
    tokenizer: 'words',
    lowercase: false,
    minCount: 1,
    maxLength: 50,
    force: false,
  })
  note(describePrepared(summary))
  const configuration = parseConfiguration(
    { ...PRESETS.tiny, training: { ...PRESETS.tiny.training, seed } },
    'preset tiny',
  )
  await trainNew(at('data'), configuration, { out: at('dense'), events: trainingProgress('train') })

  const sources = await readLines(at('text/test.en'))
  const references = await readLines(at('text/test.de'))
  const rows: Row[] = []
  const measure = async (name: string, directory: string) => {
    const model = await readModel(directory)
    const classes = describeClasses(modelClasses(model), model.mask)
    const weights = classes.reduce((n, c) => n + c.weights, 0)
    const sparsity = 1 - classes.reduce((n, c) => n + c.kept, 0) / weights
    rows.push({ name, sparsity, scores: await evaluateModel(model, sources, references, { beam: 5 }) })
    note(`${name}: BLEU ${rows.at(-1)!.scores.scores.bleu.score.toFixed(1)}`)
  }
  await measure('trained', at('dense'))
  for (const fraction of FRACTIONS) {
    const name = `${100 * fraction}%`
    await pruneModel(at('dense'), { scheme: 'class-blind', fraction, out: at(`pruned-${name}`) })
    await measure(`${name} pruned`, at(`pruned-${name}`))
    if (!RETRAINED.includes(fraction)) continue
    const run = { out: at(`retrained-${name}`), events: trainingProgress(`retrain ${name}`) }
    await retrain(at(`pruned-${name}`), at('data'), retrainingOptions, run)
    await measure(`${name} pruned, retrained`, at(`retrained-${name}`))
  }
  print(resultTable(rows))
  print()
  printExamples(sources, references, rows)
  print(`${duration((performance.now() - began) / 1000)} in all. Try a sentence of your own:`)
  print(`  echo "${sources[0]}" | npx espalier translate ${at('retrained-80%')}`)
}

function resultTable(rows: readonly Row[]): string {
  return table(
    ['model', 'weights gone', 'BLEU', '±', 'chrF', 'perplexity'],
    rows.map(({ name, sparsity, scores }) => [
      name,
      `${(100 * sparsity).toFixed(1)}%`,
      scores.scores.bleu.score.toFixed(1),
      scores.bleuConfidence.toFixed(1),
      scores.scores.chrf.score.toFixed(1),
      scores.perplexity.toFixed(2),
    ]),
  )
}

/** Sentences that no model has seen, by the trained model and by the retrained one of 80 %. */
function printExamples(sources: readonly string[], references: readonly string[], rows: readonly Row[]): void {
  const pruned = rows.find(({ name }) => name === '80% pruned, retrained')!
  for (let i = 0; i < 5; i++) {
    print(`English           ${sources[i]}`)
    print(`reference         ${references[i]}`)
    print(`trained           ${rows[0].scores.translations[i]}`)
    print(`80% pruned        ${pruned.scores.translations[i]}`)
    print()
  }
}

export function addQuickstart(program: Command): void {
  program
    .command('quickstart')
    .summary('the whole story on the built-in phrasebook, in minutes')
    .description(
      'Writes the phrasebook, trains a small model on it, prunes it at several levels, retrains the model of 80 %,\n' +
        'and shows what each lost, with translations of sentences that no model has seen.',
    )
    .option('--out <dir>', 'directory to make', 'quickstart')
    .option('--seed <n>', 'the same seed gives the same models on one machine', integer, 1)
    .option('--force', 'replace a directory that exists')
    .action(async ({ out, seed, force }: { out: string; seed: number; force?: boolean }) =>
      quickstart(out, { seed, force: force ?? false }),
    )
}
