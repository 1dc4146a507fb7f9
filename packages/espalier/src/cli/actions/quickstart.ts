/** `quickstart`: the phrasebook, a study in small on it, and translations of what no model has seen. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { readModel } from '../../checkpoint/model-directory.ts'
import { parseConfiguration } from '../../configuration/configuration.ts'
import { PRESETS } from '../../configuration/presets.ts'
import { readLines } from '../../corpus/lines.ts'
import { prepareCorpus } from '../../corpus/prepare.ts'
import { createDirectoryAtomic } from '../../storage/atomic-directory.ts'
import { parseStudy } from '../../study/configuration.ts'
import { writeReport } from '../../study/report.ts'
import { runStudy } from '../../study/study.ts'
import { openTranslator } from '../../translation/open.ts'
import { sameCommand } from '../command-line.ts'
import type { QuickstartFlags } from '../commands/quickstart.ts'
import { interruptible } from '../interrupt.ts'
import { duration, note, print } from '../output.ts'
import { printStudy, studyProgress } from '../show-study.ts'
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
}
const PAIRS = 20_000
/** The model that is shown at the end. */
const SHOWN = 'retrained-80'
const EXAMPLES = 5

export async function quickstartAction({ out, seed, force }: QuickstartFlags, self: Command): Promise<void> {
  await createDirectoryAtomic(out, { kind: 'quickstart', force }, async () => {})
  const began = performance.now()
  const at = (name: string) => join(out, name)
  note('Writing the phrasebook: English-German sentences about gardens, weather, markets and travel.')
  await writePhrasebook(at('text'), { pairs: PAIRS, seed, force: false })
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
  const { model, training } = PRESETS.tiny
  const configuration = parseConfiguration({ model, training: { ...training, seed } }, 'preset tiny')
  const test = { sources: await readLines(at('text/test.en')), references: await readLines(at('text/test.de')) }
  const study = parseStudy(STUDY, 'quickstart')
  const options = { data: at('data'), out: at('study'), configuration, study, test, events: studyProgress() }
  const results = await interruptible({
    onInterrupt: 'interrupted: stopping where it can go on',
    again: sameCommand(self),
    work: signal => runStudy({ ...options, signal }),
  })
  if (!results) return
  printStudy(results)
  print()
  const report = await writeReport(at('study'), results)
  const directory = (id: string) => join(at('study'), results.models.find(found => found.id === id)!.directory!)
  await printExamples(test.sources, test.references, directory)
  print(`${duration((performance.now() - began) / 1000)} in all.`)
  print(`The report, with figures:  ${report}`)
  print('Try a sentence of your own:')
  print(`  echo "${test.sources[0]}" | npx espalier translate ${directory(SHOWN)}`)
}

/** Sentences that no model has seen, by the trained model and by the pruned and retrained one. */
async function printExamples(
  sources: readonly string[],
  references: readonly string[],
  directory: (id: string) => string,
): Promise<void> {
  const shown = sources.slice(0, EXAMPLES)
  const by = new Map<string, string[]>()
  for (const id of ['dense', SHOWN]) {
    const translator = await openTranslator(await readModel(directory(id)))
    const found = await translator.translate(shown, { beam: 5 })
    by.set(
      id,
      found.map(([best]) => best.text),
    )
    await translator.release()
  }
  shown.forEach((source, i) => {
    print(`English       ${source}`)
    print(`reference     ${references[i]}`)
    for (const [id, lines] of by) print(`${id.padEnd(13)} ${lines[i]}`)
    print()
  })
}
