/** Commands about packed models. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TranslationService, UserError } from '@espalier/runtime'
import type { QualityFigure, ValueEncoding } from '@espalier/runtime/packed'
import { type Command, Option } from 'commander'
import { type ModelDirectory, readModel } from '../checkpoint/model-directory.ts'
import { openPrepared, readValidationText } from '../corpus/prepared.ts'
import { bleu, scoreCorpus } from '../evaluation/index.ts'
import { describePacked } from '../packing/describe.ts'
import { type PackOptions, packModel } from '../packing/pack.ts'
import { unpackModel } from '../packing/unpack.ts'
import { writeFileAtomic, writeOutputFile } from '../storage/atomic-files.ts'
import { checkOutput } from '../storage/outputs.ts'
import { openTranslator } from '../translation/onnx-translator.ts'
import { openAnyTranslator, readPackedHeader } from '../translation/open.ts'
import { note, percent, print, printJson, table, thousands } from './output.ts'

const VALUES = ['f32', 'f16', 'int8', 'codebook'] as const satisfies ValueEncoding[]

interface PackFlags {
  out: string
  values: ValueEncoding
  entries?: string
  evaluate?: string
  force?: boolean
  json?: boolean
}

export function addPackingCommands(program: Command): void {
  program
    .command('pack')
    .summary('write a model as one small file, to translate with in Node or in a page')
    .description(
      'Kept weights alone are written: where they are, close to the entropy of that, and their values.\n' +
        'f32 loses nothing; int8 has a scale for each row; a codebook has 16 or 32 values for each matrix.',
    )
    .argument('<model>', 'model directory, pruned or not')
    .requiredOption('--out <file>', 'file to write, by custom ending in .espalier')
    .addOption(new Option('--values <encoding>', 'how values are written').choices(VALUES).default('f32'))
    .addOption(new Option('--entries <n>', 'values of a codebook').choices(['16', '32']))
    .option('--evaluate <data>', "BLEU on the validation text of data made by 'espalier prepare', kept in the file")
    .option('--force', 'replace a file that exists')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  espalier pack retrained --values int8 --out retrained.espalier\n')
    .action(async (directory: string, flags: PackFlags) => {
      await checkOutput(flags.out, { kind: 'file', force: flags.force, others: [directory, flags.evaluate] })
      if (flags.entries !== undefined && flags.values !== 'codebook')
        throw new UserError('usage', '--entries is of --values codebook')
      const model = await readModel(directory)
      const options: PackOptions = { values: flags.values, entries: flags.entries ? Number(flags.entries) : undefined }
      const quality = flags.evaluate === undefined ? undefined : await measure(model, options, flags.evaluate)
      await writeOutputFile(flags.out, await packModel(model, { ...options, quality }), flags)
      await inspectPacked(flags.out, flags.json ?? false)
    })

  program
    .command('unpack')
    .summary('turn a packed file into a model directory again')
    .argument('<file>', 'packed model')
    .requiredOption('--out <dir>', 'model directory to make')
    .option('--force', 'replace a directory that exists')
    .action(async (file: string, { out, force }: { out: string; force?: boolean }) => {
      await unpackModel(file, out, { force })
      note(`done: ${out}`)
    })
}

/** BLEU of a model as it is and as it is packed, on the validation text. */
async function measure(model: ModelDirectory, options: PackOptions, data: string): Promise<QualityFigure[]> {
  await openPrepared(data)
  const { sources, references } = await readValidationText(data)
  const metric = bleu({ tokenizer: model.tokenizers.target.kind === 'none' ? 'none' : '13a' })
  const score = async (translator: TranslationService) => {
    const translations = await translator.translate(sources, { beam: 5 })
    await translator.release()
    return scoreCorpus(
      metric,
      translations.map(([best]) => best.text),
      [references],
    )
  }
  const aside = await mkdtemp(join(tmpdir(), 'espalier-'))
  try {
    const file = join(aside, 'packed.espalier')
    await writeFileAtomic(file, await packModel(model, options))
    const [before, after] = [await score(await openTranslator(model)), await score(await openAnyTranslator(file))]
    note(`BLEU on the validation text: ${before.score.toFixed(2)} as it is, ${after.score.toFixed(2)} packed`)
    return [
      { name: 'BLEU, validation text', value: after.score, signature: after.signature },
      { name: 'BLEU, validation text, before packing', value: before.score, signature: before.signature },
    ]
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/** Shows what a packed file holds. */
export async function inspectPacked(file: string, json: boolean): Promise<void> {
  const packed = await readPackedHeader(file)
  const { header, bytes } = packed
  const description = describePacked(packed)
  if (json) return printJson({ generator: header.generator, quality: header.quality ?? [], ...description })
  const weights = description.classes.filter(({ name }) => name !== 'biases')
  const kept = weights.reduce((n, c) => n + c.kept, 0)
  const all = weights.reduce((n, c) => n + c.weights, 0)
  print(
    table(
      ['class', 'weights', 'sparsity', 'positions', 'values', 'bytes a kept weight', 'of the bound'],
      description.classes.map(c => [
        c.name,
        thousands(c.weights),
        percent(1 - c.kept / c.weights),
        thousands(c.positions),
        thousands(c.values),
        ((c.positions + c.values) / Math.max(1, c.kept)).toFixed(3),
        ((c.positions + c.values) / c.bound).toFixed(4),
      ]),
    ),
  )
  print(`${thousands(description.text)} bytes of vocabularies, tokenisers and configuration`)
  for (const { name, value, signature } of header.quality ?? [])
    print(`${name}: ${value.toFixed(2)} ${signature ?? ''}`)
  print(
    `${thousands(bytes)} bytes in all, ${(bytes / Math.max(1, kept)).toFixed(3)} for each of ${thousands(kept)} kept weights ` +
      `(${percent(1 - kept / all)} of ${thousands(all)} are gone)`,
  )
}
