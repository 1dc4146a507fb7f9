/** `pack`: a model's directory as one file. */
import { join } from 'node:path'
import { type TranslationService, UserError } from '@espalier/runtime'
import type { QualityFigure } from '@espalier/runtime/packed'
import { assertSameVocabularies, type ModelDirectory, readModel } from '../../checkpoint/model-directory.ts'
import { openPrepared, readValidationText } from '../../corpus/prepared.ts'
import { bleu, defaultScoreTokenizer, scoreCorpus } from '../../evaluation/index.ts'
import { GIVING_WAY } from '../../give-way.ts'
import { type PackOptions, packModel } from '../../packing/pack.ts'
import { writeFileAtomic, writeOutputFile } from '../../storage/atomic-files.ts'
import { checkOutput } from '../../storage/outputs.ts'
import { withTemporaryDirectory } from '../../storage/temporary-directory.ts'
import { openTranslator } from '../../translation/open.ts'
import type { PackFlags } from '../commands/pack.ts'
import { note } from '../output.ts'
import { workProgress } from '../progress.ts'
import { showPacked } from '../show-packed.ts'

export async function packAction(directory: string, flags: PackFlags): Promise<void> {
  const { out, values, entries, evaluate, force, json = false } = flags
  await checkOutput(out, { kind: 'file', force, others: [directory, evaluate] })
  if (entries !== undefined && values !== 'codebook')
    throw new UserError('usage', `--entries is for --values codebook; ${values} has no codebook`)
  const model = await readModel(directory)
  const options: PackOptions = { values, entries: entries === undefined ? undefined : Number(entries) }
  const quality = evaluate === undefined ? undefined : await measure(model, options, evaluate)
  await writeOutputFile(out, await packModel(model, { ...options, quality }), { force })
  await showPacked(out, json)
}

/** BLEU of a model as it is and as it is packed, on the validation text. */
async function measure(model: ModelDirectory, options: PackOptions, data: string): Promise<QualityFigure[]> {
  assertSameVocabularies(model, await openPrepared(data))
  const { sources, references } = await readValidationText(data)
  const metric = bleu({ tokenizer: defaultScoreTokenizer(model.tokenizers) })
  const score = async (translator: TranslationService) => {
    const progress = workProgress('pack --evaluate', { unit: 'sentences', total: sources.length })
    const options = { ...GIVING_WAY, beam: 5, onProgress: (done: number) => progress.update(done) }
    const translations = await translator.translate(sources, options).finally(() => {
      progress.stop()
      return translator.release()
    })
    const lines = translations.map(([best]) => best.text)
    return scoreCorpus(metric, lines, [references])
  }
  return withTemporaryDirectory(async directory => {
    const file = join(directory, 'packed.espalier')
    await writeFileAtomic(file, await packModel(model, options))
    const [before, after] = [await score(await openTranslator(model)), await score(await openTranslator(file))]
    note(`BLEU on the validation text: ${before.score.toFixed(2)} before packing, ${after.score.toFixed(2)} packed`)
    return [
      { name: 'BLEU, validation text', value: after.score, signature: after.signature },
      { name: 'BLEU, validation text, before packing', value: before.score, signature: before.signature },
    ]
  })
}
