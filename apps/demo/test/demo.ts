/** The demonstration as a visitor has it: its command, serving models that a test made. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { phrasebookSplits } from '@espalier/phrasebook'
import {
  copyTextFiles,
  initialParameters,
  networkConfig,
  openPrepared,
  packModel,
  parseConfiguration,
  prepareCorpus,
  pruneModel,
  readModel,
  writeManifest,
  writeModel,
} from 'espalier'

const DEMO = fileURLToPath(new URL('../scripts/demo.js', import.meta.url))

const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']

/** Prepared data of a toy language: each word has a translation, and the order is reversed. */
async function prepareToy(directory: string): Promise<string> {
  const sentences = Array.from({ length: 49 }, (_, i) =>
    [i, 3 * i + 1, 5 * i + 2, i * i].slice(i % 4).map(k => WORDS[k % WORDS.length]),
  )
  const text = { source: join(directory, 'text.source'), target: join(directory, 'text.target') }
  await writeFile(text.source, sentences.map(words => `${words.join(' ')}\n`).join(''))
  const translate = (words: string[]) => words.map(word => `${word}o`).reverse()
  await writeFile(text.target, sentences.map(words => `${translate(words).join(' ')}\n`).join(''))
  const data = join(directory, 'data')
  const files = { kind: 'files', ...text } as const
  const languages = { sourceLanguage: 'en', targetLanguage: 'de' }
  const options = { tokenizer: 'words', lowercase: false, minCount: 1, maxLength: 50, force: false } as const
  await prepareCorpus(data, { train: files, valid: files, ...languages, ...options })
  return data
}

/** Packed files of random weights in `directory`/models: whole, pruned in blocks, and one with a changed byte at its end. */
export async function makeModels(directory: string): Promise<string> {
  const data = await prepareToy(directory)
  const { vocabularies, digests } = await openPrepared(data)
  const draft = { layers: 1, hidden: 16, attention: 'general', initialisation: 0.9 }
  const { model: options, training } = parseConfiguration({ model: draft }, 'toy')
  const { source, target } = vocabularies
  const model = networkConfig(options, { source: source.size, target: target.size })
  const [whole, pruned, models] = ['whole', 'pruned', 'models'].map(name => join(directory, name))
  await mkdir(whole)
  await copyTextFiles(data, whole)
  await writeManifest(whole, { format: 1, model, training, data: digests['train.bin'] })
  await writeModel(whole, initialParameters(model, 4))
  await pruneModel(whole, { scheme: 'class-blind', fraction: 0.5, block: '1x8', out: pruned })
  await mkdir(models)
  await writeFile(join(models, 'whole.espalier'), await packModel(await readModel(whole), { values: 'f32' }))
  await writeFile(join(models, 'pruned.espalier'), await packModel(await readModel(pruned), { values: 'int8' }))
  const damaged = await readFile(join(models, 'whole.espalier'))
  // Within the last section: behind it are less than 8 zeros.
  damaged[damaged.length - 12] ^= 1
  await writeFile(join(models, 'damaged.espalier'), damaged)
  const list = ['whole', 'pruned', 'damaged'].map(label => ({ label, file: `${label}.espalier` }))
  const examples = ['four one seven', 'one two three']
  await writeFile(join(models, 'models.json'), JSON.stringify({ examples, models: list }))
  return models
}

/** The phrasebook's text of the small models. */
const TEXT = { pairs: 2000, seed: 1 }

/** A folder with one unpruned model of random weights, which knows the words of a small phrasebook: to be pruned and retrained. */
export async function makePhrasebookModel(directory: string): Promise<string> {
  const { train, valid } = phrasebookSplits(TEXT)
  const write = async (name: string, lines: readonly string[]) => {
    await writeFile(join(directory, name), lines.map(line => `${line}\n`).join(''))
    return join(directory, name)
  }
  const files = async (name: string, pairs: typeof train) => ({
    kind: 'files' as const,
    source: await write(
      `${name}.en`,
      pairs.map(({ source }) => source),
    ),
    target: await write(
      `${name}.de`,
      pairs.map(({ target }) => target),
    ),
  })
  const data = join(directory, 'phrasebook-data')
  await prepareCorpus(data, {
    train: await files('train', train),
    valid: await files('valid', valid),
    ...{ sourceLanguage: 'en', targetLanguage: 'de', tokenizer: 'words', lowercase: false },
    ...{ minCount: 1, maxLength: 50, force: false },
  })
  const { vocabularies, digests } = await openPrepared(data)
  const draft = { layers: 1, hidden: 32, attention: 'general' }
  const { model: options, training } = parseConfiguration({ model: draft }, 'small')
  const { source, target } = vocabularies
  const model = networkConfig(options, { source: source.size, target: target.size })
  const [dense, models] = ['small', 'phrasebook-models'].map(name => join(directory, name))
  await mkdir(dense)
  await copyTextFiles(data, dense)
  await writeManifest(dense, { format: 1, model, training, data: digests['train.bin'] })
  await writeModel(dense, initialParameters(model, 4))
  await mkdir(models)
  await writeFile(join(models, 'small.espalier'), await packModel(await readModel(dense), { values: 'f32' }))
  const examples = ['The nurse brings in umbrellas.']
  const list = { domain: 'gardens', phrasebook: TEXT, examples, models: [{ label: 'small', file: 'small.espalier' }] }
  await writeFile(join(models, 'models.json'), JSON.stringify(list))
  return models
}

export interface Running {
  /** What it printed, and the address in it. */
  readonly output: string
  readonly address?: string
  /** Its exit status; absent while it serves. */
  readonly status?: number
  stop(): void
}

/** Runs the command until it serves or ends. */
export function runDemo(...options: string[]): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [DEMO, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => {
    child.kill()
  }
  return new Promise((resolve, reject) => {
    let output = ''
    const hear = (text: string) => {
      output += text
      const [address] = /http:\/\/127\.0\.0\.1:\d+\//u.exec(output) ?? []
      if (address) resolve({ output, address, stop })
    }
    child.stdout!.setEncoding('utf8').on('data', hear)
    child.stderr!.setEncoding('utf8').on('data', hear)
    child.on('error', reject).on('close', status => resolve({ output, status: status ?? -1, stop }))
  })
}
