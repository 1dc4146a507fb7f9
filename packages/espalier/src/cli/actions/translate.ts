/** `translate`: lines of a file or of standard input. */
import { type TranslateOptions, type Translation, type TranslationService, UserError } from '@espalier/runtime'
import { isRereadable, isStandardInput } from '../../corpus/bytes.ts'
import { readLines, lines as textLines } from '../../corpus/lines.ts'
import { GIVING_WAY } from '../../give-way.ts'
import { writeOutputFile } from '../../storage/atomic-files.ts'
import { checkOutput } from '../../storage/outputs.ts'
import { openTranslator } from '../../translation/open.ts'
import type { TranslateFlags } from '../commands/translate.ts'
import { hintAtTerminal, note } from '../output.ts'
import { workProgress } from '../progress.ts'

export async function translateAction(model: string, file: string | undefined, flags: TranslateFlags): Promise<void> {
  const { output, force } = flags
  if (output !== undefined) {
    const others = [model, file, flags.dictionary]
    await checkOutput(output, { kind: 'file', force, option: '--output', others })
  } else if (force) throw new UserError('usage', '--force replaces the file of --output, which is not given')
  if (flags.nbest > flags.beam)
    throw new UserError('usage', `--nbest ${flags.nbest} is more than --beam ${flags.beam} can give`)
  const settings = await translateOptions(flags)
  // A file is checked to its end before the work begins; what comes through a pipe is translated as it comes.
  const sentences = file && (await isRereadable(file)) ? await readLines(file) : textLines(file ?? '-')
  const translator = await openTranslator(model, flags.threads)
  hintAtTerminal(isStandardInput(file ?? '-'))
  const progress = workProgress('translate', {
    unit: 'sentences',
    total: Array.isArray(sentences) ? sentences.length : undefined,
    silent: output === undefined && process.stdout.isTTY === true,
  })
  try {
    if (flags.alignments && !translator.hasAttention)
      throw new UserError('no-attention', `${model} has no attention, so it gives no alignments`)
    const options = { ...settings, ...GIVING_WAY, onProgress: (done: number) => progress.update(done) }
    const text = flags.json
      ? jsonText(translator, sentences, options)
      : plainText(translator, sentences, options, flags)
    if (output === undefined) for await (const part of text) process.stdout.write(part)
    else await writeOutputFile(output, encoded(text), { force })
  } finally {
    progress.stop()
    await translator.release()
  }
}

async function translateOptions(flags: TranslateFlags): Promise<TranslateOptions> {
  const { beam, nbest, alignments, batch: batchSize, keepUnknown, dictionary } = flags
  if (keepUnknown && dictionary !== undefined)
    throw new UserError('usage', '--keep-unknown leaves unknown words as <unk>, so --dictionary would do nothing')
  return {
    beam,
    nbest,
    alignments,
    batchSize,
    replaceUnknown: !keepUnknown,
    dictionary: dictionary === undefined ? undefined : await readDictionary(dictionary),
  }
}

async function readDictionary(path: string): Promise<Map<string, string>> {
  const lines = await readLines(path)
  return new Map(
    lines.map((line, i) => {
      const [source, target] = line.split('\t')
      if (target === undefined)
        throw new UserError('tsv-columns', `${path}, line ${i + 1}: a line is word, tab, translation; it has no tab`)
      return [source, target]
    }),
  )
}

type Sentences = Iterable<string> | AsyncIterable<string>

/** Translations of each sentence in turn; sentences that are too long are said to be. */
async function* translations(
  translator: TranslationService,
  sentences: Sentences,
  options: TranslateOptions,
): AsyncGenerator<Translation[]> {
  let line = 0
  for await (const found of translator.stream(sentences, options)) {
    line++
    if (found[0]?.truncated) note(`line ${line} is longer than a model can take: its end was left out`)
    yield found
  }
}

/** Translations one a line; several of a sentence as Moses writes n-best lists. */
async function* plainText(
  translator: TranslationService,
  sentences: Sentences,
  options: TranslateOptions,
  { nbest, alignments }: TranslateFlags,
): AsyncGenerator<string> {
  let sentence = 0
  for await (const found of translations(translator, sentences, options)) {
    const lines = found.map(({ text, score, alignment }) => {
      const fields = nbest > 1 ? [String(sentence), text, score.toFixed(4)] : [text]
      return `${[...fields, ...(alignments ? [alignment] : [])].join(' ||| ')}\n`
    })
    sentence++
    yield lines.join('')
  }
}

/** One array of all, written as it grows. */
async function* jsonText(
  translator: TranslationService,
  sentences: Sentences,
  options: TranslateOptions,
): AsyncGenerator<string> {
  let before = '['
  for await (const found of translations(translator, sentences, options)) {
    yield `${before}\n${JSON.stringify(found, null, 2)}`
    before = ','
  }
  yield before === '[' ? '[]\n' : '\n]\n'
}

async function* encoded(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const part of text) yield encoder.encode(part)
}
