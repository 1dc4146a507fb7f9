/** `quickstart`: the phrasebook, a study in small on it, translations of what no model has seen, and a packed model. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readModel } from '../../checkpoint/model-directory.ts'
import { parseConfiguration } from '../../configuration/configuration.ts'
import { PRESETS } from '../../configuration/presets.ts'
import type { TrainingConfig } from '../../configuration/training.ts'
import { readLines } from '../../corpus/lines.ts'
import { prepareCorpus } from '../../corpus/prepare.ts'
import { packModel } from '../../packing/pack.ts'
import { writeFileAtomic } from '../../storage/atomic-files.ts'
import { withLock } from '../../storage/lock.ts'
import { exists } from '../../storage/paths.ts'
import { parseStudy } from '../../study/configuration.ts'
import { writeReport } from '../../study/report/index.ts'
import type { StudyResults } from '../../study/results.ts'
import { runStudy } from '../../study/study.ts'
import { type TestText, UNNAMED_TEST } from '../../study/test-sets.ts'
import { openTranslator } from '../../translation/open.ts'
import { sameCommand } from '../command-line.ts'
import type { QuickstartFlags } from '../commands/quickstart.ts'
import { interruptible } from '../interrupt.ts'
import { type NextSteps, printNextSteps } from '../next-steps.ts'
import { duration, note, print, printJson } from '../output.ts'
import { openQuickstart } from '../quickstart-directory.ts'
import { printStudy, studyProgress, withFirstResults } from '../show-study.ts'
import { writePhrasebook } from './phrasebook.ts'
import { describePrepared } from './prepare.ts'

/** A study of minutes: each kind of experiment once. */
const STUDY = {
  schemes: ['class-blind', 'class-uniform', 'class-distribution'],
  levels: [0.2, 0.4, 0.6, 0.8, 0.9],
  retrained: [0.8, 0.9],
  // At the full rate: a model this small, trained this short, has much to relearn.
  retraining: { learningRate: 0.005, epochs: 2.5, decayFrom: 1.5, decayEvery: 0.5 },
  scratch: [0.9],
  sensitivity: { levels: [0.5, 0.9], bleu: false },
  layers: { levels: [0.9], parts: [] },
  // The phrasebook's own sentences, so that a report may show them.
  samples: 5,
}
/** Instead of the preset's training, which goes on until it has converged. */
const SHORT_TRAINING = { epochs: 3, decayFrom: 2, decayEvery: 0.5, patience: 0 }
const PAIRS = 20_000
/** The model whose translations are shown at the end, and that is packed. */
const SHOWN = 'retrained-80'
const EXAMPLES = 5

export async function quickstartAction(flags: QuickstartFlags, self: Command): Promise<void> {
  const { out, seed, force = false, json = false, backend = 'auto' } = flags
  const began = performance.now()
  const at = (name: string) => join(out, name)
  const results = await interruptible({
    onInterrupt: 'interrupted: stopping where it can go on',
    again: sameCommand(self, ['--force']),
    work: signal =>
      withLock(
        out,
        async () => {
          await openQuickstart(out, { seed, force })
          await prepareText(at, seed)
          return studyText(at, { seed, json, backend, signal })
        },
        { onStale: note },
      ),
  })
  if (results === undefined) return
  const report = await writeReport(at('study'), results)
  const directory = modelDirectories(at('study'), results)
  const packed = await packShown(directory(SHOWN), at(`${SHOWN}.espalier`))
  if (json) return printJson({ ...results, report, packed: packed.path })
  printStudy(results)
  print()
  const test = await testText(at)
  await printExamples(test, directory)
  print(`${duration((performance.now() - began) / 1000)} in all.`)
  await printNextSteps({
    report,
    packed,
    example: test.sources[0],
    dense: directory('dense'),
    shown: { name: SHOWN, directory: directory(SHOWN) },
  })
}

type At = (name: string) => string

/** Writes and prepares the phrasebook, unless a run before did. */
async function prepareText(at: At, seed: number): Promise<void> {
  if (!(await exists(at('text')))) {
    note('Writing the phrasebook: English-German sentences about gardens, weather, markets and travel.')
    await writePhrasebook(at('text'), { pairs: PAIRS, seed, force: false })
  }
  if (await exists(at('data'))) return
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
}

async function testText(at: At): Promise<TestText> {
  return { sources: await readLines(at('text/test.en')), references: await readLines(at('text/test.de')) }
}

interface StudyRun {
  readonly seed: number
  readonly json: boolean
  readonly backend: TrainingConfig['backend']
  readonly signal: AbortSignal
}

async function studyText(at: At, { seed, json, backend, signal }: StudyRun): Promise<StudyResults> {
  const { model, training } = PRESETS.tiny
  const configuration = parseConfiguration(
    { model, training: { ...training, ...SHORT_TRAINING, seed, backend } },
    'preset tiny',
  )
  const study = parseStudy(STUDY, 'quickstart')
  const events = withFirstResults(studyProgress(), json ? note : print)
  return runStudy({
    data: at('data'),
    out: at('study'),
    configuration,
    study,
    tests: [{ name: UNNAMED_TEST, ...(await testText(at)) }],
    events,
    signal,
  })
}

/** The directories of a study's models, by their names. */
const modelDirectories =
  (study: string, { models }: StudyResults) =>
  (id: string) => {
    const directory = models.find(model => model.id === id)?.directory
    if (directory === undefined) throw new Error(`the study has no model ${id}`)
    return join(study, directory)
  }

async function packShown(model: string, path: string): Promise<NextSteps['packed']> {
  await writeFileAtomic(path, await packModel(await readModel(model), { values: 'int8' }))
  return { path, bytes: (await stat(path)).size }
}

/** Sentences that no model has seen, by the trained model and by the pruned and retrained one. */
async function printExamples({ sources, references }: TestText, directory: (id: string) => string): Promise<void> {
  const shown = sources.slice(0, EXAMPLES)
  const by = new Map<string, string[]>()
  for (const id of ['dense', SHOWN]) {
    const translator = await openTranslator(await readModel(directory(id)))
    const found = await translator.translate(shown, { beam: 5 }).finally(() => translator.release())
    const lines = found.map(([best]) => best.text)
    by.set(id, lines)
  }
  shown.forEach((source, i) => {
    print(`English       ${source}`)
    print(`reference     ${references[i]}`)
    for (const [id, lines] of by) print(`${id.padEnd(13)} ${lines[i]}`)
    print()
  })
}
