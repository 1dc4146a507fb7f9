/** `evaluate`: a model on parallel text. */
import { UserError } from '@espalier/runtime'
import { readAnyModel } from '../../checkpoint/packed-file.ts'
import { isStandardInput } from '../../corpus/bytes.ts'
import { evaluateModel } from '../../evaluation/evaluate-model.ts'
import { writeOutputFile } from '../../storage/atomic-files.ts'
import { checkOutput } from '../../storage/outputs.ts'
import type { EvaluateFlags } from '../commands/evaluate.ts'
import { hintAtTerminal, print, printJson } from '../output.ts'
import { readParallel } from '../parallel-text.ts'
import { workProgress } from '../progress.ts'
import { scoreTable } from '../show-scores.ts'

export async function evaluateAction(path: string, flags: EvaluateFlags): Promise<void> {
  const { source, reference, output, force, beam, batch: batchSize, lowercase, threads } = flags
  if (output !== undefined) {
    const others = [path, source, reference]
    await checkOutput(output, { kind: 'file', force, option: '--output', others })
  } else if (force) throw new UserError('usage', '--force replaces the file of --output, which is not given')
  hintAtTerminal([source, reference].some(isStandardInput))
  const { sources, references } = await readParallel(source, reference)
  const model = await readAnyModel(path)
  const progress = workProgress('evaluate', { unit: 'sentences', total: sources.length })
  const onProgress = (done: number) => progress.update(done)
  const options = { beam, batchSize, tokenizer: flags.tokenizer, lowercase, threads, onProgress }
  const evaluated = evaluateModel(model, sources, references, options).finally(() => progress.stop())
  const { translations, ...scores } = await evaluated
  if (output !== undefined) await writeOutputFile(output, translations.map(line => `${line}\n`).join(''), { force })
  if (flags.json) return printJson(scores)
  const { bleu } = scores.scores
  print(`${scores.sentences} sentences, beam ${beam}: ${scores.wordsPerSecond.toFixed(0)} target words/s`)
  print(
    `perplexity ${scores.perplexity.toFixed(2)}, BLEU ${bleu.score.toFixed(2)} ± ${scores.bleuConfidence.toFixed(2)}`,
  )
  print(scoreTable(scores.scores))
}
