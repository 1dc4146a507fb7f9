import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@espalier/engine'
import { onTestFinished } from 'vitest'
import { type Configuration, parseConfiguration } from '../src/configuration/configuration.ts'
import { prepareCorpus } from '../src/corpus/prepare.ts'
import type { PrepareOptions } from '../src/corpus/prepare-options.ts'

/** A directory that goes with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'espalier-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
/** A toy language: each word has a translation, and the order is reversed. */
export function toyPairs(count: number, seed: number): { source: string; target: string }[] {
  const random = new Random(seed, 99)
  return Array.from({ length: count }, () => {
    const words = Array.from({ length: 1 + random.integer(5) }, () => WORDS[random.integer(WORDS.length)])
    return {
      source: words.join(' '),
      target: words
        .map(word => `${word}o`)
        .reverse()
        .join(' '),
    }
  })
}

/** Prepared data of the toy language in `directory`/data. */
export async function toyData(directory: string, pairs = 200, options: Partial<PrepareOptions> = {}): Promise<string> {
  const write = async (name: string, text: { source: string; target: string }[]) => {
    for (const side of ['source', 'target'] as const)
      await writeFile(join(directory, `${name}.${side}`), text.map(pair => `${pair[side]}\n`).join(''))
    return {
      kind: 'files' as const,
      source: join(directory, `${name}.source`),
      target: join(directory, `${name}.target`),
    }
  }
  const out = join(directory, 'data')
  await prepareCorpus(out, {
    train: await write('train', toyPairs(pairs, 1)),
    valid: await write('valid', toyPairs(30, 2)),
    sourceLanguage: 'en',
    targetLanguage: 'de',
    tokenizer: 'none',
    lowercase: false,
    minCount: 1,
    maxLength: 50,
    force: false,
    ...options,
  })
  return out
}

type Changes = { model?: Partial<Configuration['model']>; training?: Partial<Configuration['training']> }
/** A network small enough for a test. */
export function toyConfiguration({ model = {}, training = {} }: Changes = {}): Configuration {
  return parseConfiguration(
    {
      model: { layers: 1, hidden: 8, attention: 'general', dropout: 0.1, ...model },
      training: { optimizer: 'adam', learningRate: 0.01, batchSize: 16, epochs: 2, checkpointEvery: 5, ...training },
    },
    'toy',
  )
}
