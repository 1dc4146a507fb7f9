/** `translate`, `evaluate` and `score`. */
import { type Translation, UserError } from '@espalier/runtime'
import { type Command, Option } from 'commander'
import { isRereadable } from '../corpus/bytes.ts'
import { readLines, lines as textLines } from '../corpus/lines.ts'
import { evaluateModel } from '../evaluation/evaluate-model.ts'
import { type ScoreTokenizer, scoreCorpus, standardMetrics } from '../evaluation/index.ts'
import { writeOutputFile } from '../storage/atomic-files.ts'
import { checkOutput } from '../storage/outputs.ts'
import { openAnyTranslator, readAnyModel } from '../translation/open.ts'
import { positiveInteger } from './options.ts'
import { note, print, printJson, table } from './output.ts'

const TOKENIZERS: ScoreTokenizer[] = ['13a', 'intl', 'none']

interface TranslateFlags {
  beam: number
  nbest: number
  batch: number
  alignments?: boolean
  dictionary?: string
  keepUnknown?: boolean
  output?: string
  force?: boolean
  json?: boolean
  threads?: number
}

async function readDictionary(path: string): Promise<Map<string, string>> {
  const lines = await readLines(path)
  return new Map(
    lines.map((line, i) => {
      const [source, target] = line.split('\t')
      if (target === undefined)
        throw new UserError('tsv-columns', `${path}, line ${i + 1}: a line is word, tab, translation`)
      return [source, target]
    }),
  )
}

/** A sentence's translations, one a line, as Moses writes n-best lists where several are wanted. */
function translationLines(
  translations: readonly Translation[],
  sentence: number,
  { nbest, alignments }: TranslateFlags,
): string {
  const lines = translations.map(({ text, score, alignment }) => {
    const fields = nbest > 1 ? [String(sentence), text, score.toFixed(4)] : [text]
    return `${[...fields, ...(alignments ? [alignment] : [])].join(' ||| ')}\n`
  })
  return lines.join('')
}

export function addTranslationCommands(program: Command): void {
  program
    .command('translate')
    .summary('translate lines of a file or of standard input')
    .description(
      'Translates each line. With --nbest: sentence number ||| translation ||| score; --alignments adds source-target pairs.\n' +
        'An unknown word is written as the source word it attends to, or as what --dictionary has for that.',
    )
    .argument('<model>', 'model directory or packed file')
    .argument('[file]', 'text to translate; default: standard input')
    .option('--beam <n>', 'hypotheses kept; 1: greedy', positiveInteger, 5)
    .option('--nbest <n>', 'translations of each line', positiveInteger, 1)
    .option('--batch <n>', 'sentences translated together', positiveInteger, 64)
    .option('--alignments', 'add word alignments')
    .option('--dictionary <file>', 'word, tab, translation: for words the model does not know')
    .option('--keep-unknown', 'leave <unk> as it is')
    .option('--output <file>', 'default: standard output')
    .option(
      '--threads <n>',
      'threads inside an operator, default all cores; of a packed file: batches at once, default 1',
      positiveInteger,
    )
    .option('--force', 'replace a file that exists')
    .option('--json', 'print as JSON')
    .action(async (directory: string, file: string | undefined, flags: TranslateFlags) => {
      if (flags.output)
        await checkOutput(flags.output, {
          kind: 'file',
          force: flags.force,
          option: '--output',
          others: [directory, file, flags.dictionary],
        })
      if (flags.nbest > flags.beam)
        throw new UserError('usage', `--nbest ${flags.nbest} is more than --beam ${flags.beam} can give`)
      const dictionary = flags.dictionary ? await readDictionary(flags.dictionary) : undefined
      // A file is checked to its end before the work begins; what comes through a pipe is translated as it comes.
      const sentences = file && (await isRereadable(file)) ? await readLines(file) : textLines(file ?? '-')
      const translator = await openAnyTranslator(directory, flags.threads)
      if (flags.alignments && !translator.hasAttention)
        throw new UserError('no-attention', `${directory} has no attention, so no alignments`)
      const { beam, nbest, alignments, batch: batchSize, keepUnknown } = flags
      const replaceUnknown = !keepUnknown
      const options = { beam, nbest, alignments, batchSize, dictionary, replaceUnknown }
      const found: Translation[][] = []
      const lines: string[] = []
      let sentence = 0
      for await (const translations of translator.stream(sentences, options)) {
        if (translations[0]?.truncated)
          note(`line ${sentence + 1} is longer than a model can take: its end was left out`)
        const text = translationLines(translations, sentence++, flags)
        if (flags.json) found.push(translations)
        else if (flags.output) lines.push(text)
        else process.stdout.write(text)
      }
      await translator.release()
      if (flags.json) lines.push(`${JSON.stringify(found, null, 2)}\n`)
      if (flags.output) await writeOutputFile(flags.output, lines.join(''), flags)
      else process.stdout.write(lines.join(''))
    })

  program
    .command('evaluate')
    .summary('perplexity, BLEU, chrF and TER of a model on parallel text')
    .argument('<model>', 'model directory or packed file')
    .requiredOption('--source <file>', 'text to translate')
    .requiredOption('--reference <file>', 'its translation')
    .option('--beam <n>', 'hypotheses kept; 1: greedy', positiveInteger, 5)
    .option('--batch <n>', 'sentences translated together', positiveInteger, 64)
    .addOption(
      new Option('--tokenizer <name>', 'of BLEU; default: none for a model of tokenised text, else 13a').choices(
        TOKENIZERS,
      ),
    )
    .option('--lowercase', 'score without regard to capital letters')
    .option('--output <file>', 'also write the translations')
    .option(
      '--threads <n>',
      'threads inside an operator, default all cores; of a packed file: batches at once, default 1',
      positiveInteger,
    )
    .option('--force', 'replace a file that exists')
    .option('--json', 'print as JSON')
    .action(async (directory: string, flags) => {
      if (flags.output)
        await checkOutput(flags.output, {
          kind: 'file',
          force: flags.force,
          option: '--output',
          others: [directory, flags.source, flags.reference],
        })
      const model = await readAnyModel(directory)
      const [sources, references] = [
        await readLines(flags.source, { nonEmpty: true }),
        await readLines(flags.reference, { nonEmpty: true }),
      ]
      if (sources.length !== references.length)
        throw new UserError(
          'lengths-differ',
          `${flags.source} has ${sources.length} lines and ${flags.reference} has ${references.length}`,
        )
      const tokenizer: ScoreTokenizer = flags.tokenizer ?? (model.tokenizers.target.kind === 'none' ? 'none' : '13a')
      const { beam, batch: batchSize, lowercase, threads } = flags
      const { translations, ...scores } = await evaluateModel(model, sources, references, {
        beam,
        batchSize,
        tokenizer,
        lowercase,
        threads,
        translator: await openAnyTranslator(directory, threads),
      })
      if (flags.output) await writeOutputFile(flags.output, translations.map(line => `${line}\n`).join(''), flags)
      if (flags.json) return printJson(scores)
      print(`${scores.sentences} sentences, beam ${beam}: ${scores.wordsPerSecond.toFixed(0)} target words/s`)
      print(
        `perplexity ${scores.perplexity.toFixed(2)}, BLEU ${scores.scores.bleu.score.toFixed(2)} ± ${scores.bleuConfidence.toFixed(2)}`,
      )
      print(scoreTable(scores.scores))
    })

  program
    .command('score')
    .summary('score translations against references, as sacreBLEU does')
    .argument('<hypotheses>', 'translations, one a line')
    .argument('<references...>', 'one file or more')
    .addOption(new Option('--tokenizer <name>', 'of BLEU').choices(TOKENIZERS).default('13a'))
    .option('--lowercase', 'score without regard to capital letters')
    .option('--json', 'print as JSON')
    .action(async (hypotheses: string, references: string[], flags) => {
      const lines = await readLines(hypotheses, { nonEmpty: true })
      const streams = await Promise.all(references.map(path => readLines(path, { nonEmpty: true })))
      streams.forEach((stream, i) => {
        if (stream.length !== lines.length)
          throw new UserError(
            'lengths-differ',
            `${hypotheses} has ${lines.length} lines and ${references[i]} has ${stream.length}`,
          )
      })
      const scores = Object.fromEntries(
        Object.entries(standardMetrics(flags)).map(([key, metric]) => [key, scoreCorpus(metric, lines, streams)]),
      )
      if (flags.json) printJson(scores)
      else print(scoreTable(scores))
    })
}

function scoreTable(scores: Record<string, { name: string; score: number; signature: string }>): string {
  return table(
    ['metric', 'score', 'signature'],
    Object.values(scores).map(({ name, score, signature }) => [name, score.toFixed(2), signature]),
  )
}
