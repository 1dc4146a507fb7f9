import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EOS, UNK } from '@espalier/runtime'
import { beforeEach, describe, expect, test } from 'vitest'
import { readPairs, writePairs } from '../../src/corpus/pair-file.ts'
import { prepareCorpus } from '../../src/corpus/prepare.ts'
import type { PrepareOptions, PrepareProgress } from '../../src/corpus/prepare-options.ts'
import { openPrepared } from '../../src/corpus/prepared.ts'
import { chooseVocabulary } from '../../src/corpus/vocabularies.ts'
import { sha256File } from '../../src/storage/digest.ts'
import { MARKER } from '../../src/storage/directory-kinds.ts'
import { temporaryDirectory } from '../support.ts'
import { temporaryFile } from './temporary.ts'

const english =
  'The rose blooms.\nThe tulip blooms.\n\nThe rose </s> sleeps.\nIt rains and rains and rains and rains.\n'
const german = 'Die Rose blüht.\nDie Tulpe blüht.\nLeer.\nDie Rose </s> schläft.\nEs regnet und regnet.\n'

let directory: string
let options: PrepareOptions
beforeEach(async () => {
  directory = await temporaryDirectory()
  options = {
    train: {
      kind: 'files',
      source: await temporaryFile('a.en', english),
      target: await temporaryFile('a.de.gz', german),
    },
    valid: { kind: 'tsv', path: await temporaryFile('v.tsv', 'The Orchid  blooms.\tDie Orchidee blüht.\nOnly\t\n') },
    sourceLanguage: 'en',
    targetLanguage: 'de',
    tokenizer: 'words',
    lowercase: true,
    minCount: 1,
    maxLength: 8,
    force: false,
  }
})
const out = () => join(directory, 'data')

describe('prepareCorpus', () => {
  test('what is written is what is read', async () => {
    const summary = await prepareCorpus(out(), options)
    expect(summary).toMatchObject({ trainPairs: 3, validPairs: 1, skippedEmpty: 2, skippedLong: 1, sourceUnknown: 0 })
    const corpus = await openPrepared(out())
    expect(corpus.summary).toEqual(summary)
    const { source, target } = corpus.vocabularies
    // Three times `.` and `the`, in the order of their code units; then `blooms` and `rose`.
    expect(source.tokens.slice(4, 8)).toEqual(['.', 'the', 'blooms', 'rose'])
    const words = (ids: Int32Array, vocabulary = source) => Array.from(ids, id => vocabulary.token(id)).join(' ')
    expect(words(corpus.train.source(1))).toBe('the tulip blooms .')
    expect(words(corpus.train.target(1), target)).toBe('die tulpe blüht .')
    expect(words(corpus.valid.source(0))).toBe('the <unk> blooms .')
    expect(await readFile(join(out(), 'valid.source'), 'utf8')).toBe('The Orchid  blooms.\n')
    expect(corpus.tokenizers.target).toEqual({
      kind: 'words',
      language: 'de',
      lowercase: true,
      normalization: 'nfc',
      spacing: 'marked',
    })
    expect(corpus.tokenizers.source.spacing).toBeUndefined()
  })

  test('special tokens in the text are unknown words', async () => {
    await prepareCorpus(out(), { ...options, tokenizer: 'none' })
    const { train } = await openPrepared(out())
    expect(train.source(2)).toContain(UNK)
    expect(train.source(2)).not.toContain(EOS)
  })

  test('the vocabulary is bounded by size and by count', async () => {
    expect(await prepareCorpus(out(), { ...options, vocabulary: 2 })).toMatchObject({ sourceVocabulary: 6 })
    const often = { ...options, minCount: 3, force: true }
    expect(await prepareCorpus(out(), often)).toMatchObject({ sourceVocabulary: 4 + 2 })
    expect((await openPrepared(out())).summary.sourceUnknown).toBeGreaterThan(0.3)
  })

  test('byte-pair encoding: no training word is unknown, and text comes back', async () => {
    const summary = await prepareCorpus(out(), { ...options, tokenizer: 'bpe', vocabulary: 10, maxLength: 60 })
    expect(summary).toMatchObject({ sourceUnknown: 0, targetUnknown: 0, trainPairs: 4 })
    const { tokenizers } = await openPrepared(out())
    expect(tokenizers.source.merges).toHaveLength(10)
    expect(tokenizers.source.merges).toEqual(tokenizers.target.merges)
  })

  test('byte-pair codes are written as subword-nmt writes them, and read again instead of being learnt', async () => {
    const learning = { ...options, tokenizer: 'bpe' as const, vocabulary: 10, maxLength: 60 }
    await prepareCorpus(out(), { ...learning, writeBpeCodes: true })
    const codes = join(out(), 'bpe.codes')
    expect(await readFile(codes, 'utf8')).toMatch(/^#version: 0\.2\n(\S+ \S+\n){10}$/u)
    await prepareCorpus(`${out()}2`, { ...learning, vocabulary: undefined, bpeCodes: codes })
    await prepareCorpus(`${out()}3`, { ...learning, vocabulary: 4, bpeCodes: codes })
    const [first, second, third] = await Promise.all([out(), `${out()}2`, `${out()}3`].map(openPrepared))
    expect(second.digests).toEqual(first.digests)
    expect(third.tokenizers.source.merges).toEqual(first.tokenizers.source.merges?.slice(0, 4))
  })

  test('normalisation is kept with the data, and makes one word of two spellings', async () => {
    const text = 'die Tu\u0308r\tthe do\u00ador\ndie Tür\tthe door\n'
    const train = { kind: 'tsv' as const, path: await temporaryFile('n.tsv', text) }
    const size = async (normalization?: PrepareOptions['normalization']) => {
      const summary = await prepareCorpus(out(), { ...options, train, normalization, force: true })
      expect((await openPrepared(out())).tokenizers.source.normalization).toBe(normalization ?? 'nfc')
      return [summary.sourceVocabulary, summary.targetVocabulary]
    }
    expect(await size()).toEqual([4 + 2, 4 + 2])
    expect(await size('none')).toEqual([4 + 3, 4 + 3])
  })

  test('what is odd is said', async () => {
    const text = 'die Rose\tdie Rose\nder Baum\tder Baum\n'
    const location = { kind: 'tsv' as const, path: await temporaryFile('n.tsv', text) }
    const notices: string[] = []
    const onNotice = (notice: string) => void notices.push(notice)
    await prepareCorpus(out(), { ...options, onNotice })
    expect(notices).toEqual([])
    const odd = { ...options, train: location, valid: location, sourceLanguage: 'xx', targetLanguage: 'ger', onNotice }
    await prepareCorpus(out(), { ...odd, force: true })
    expect(notices).toEqual([
      expect.stringMatching(/^--source-language xx: xx is not the code of a language known here/),
      expect.stringMatching(/^the validation text \(.*n\.tsv\) has the same pairs as the training text/),
      expect.stringMatching(/n\.tsv: 2 of 2 pairs have the same text on both sides/),
    ])
    expect((await openPrepared(out())).tokenizers.target.language).toBe('de')
  })

  test.each(['words', 'bpe'] as const)('progress goes up to the whole: %s', async tokenizer => {
    const seen: PrepareProgress[] = []
    await prepareCorpus(out(), {
      ...options,
      tokenizer,
      maxLength: 60,
      onProgress: progress => void seen.push(progress),
    })
    const last = seen.at(-1)!
    expect(last).toMatchObject({ pairs: 5, bytes: last.totalBytes })
    expect(last.totalBytes).toBeGreaterThan(english.length)
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).sort((a, b) => a - b))
  })

  test('training text that can be read once only is refused with the reason', async () => {
    const train = { kind: 'tsv' as const, path: '/dev/stdin' }
    await expect(prepareCorpus(out(), { ...options, train })).rejects.toMatchObject({
      code: 'read-once',
      message: expect.stringMatching(/^standard input can be read once only; prepare reads the training text twice/),
    })
    await expect(prepareCorpus(out(), { ...options, train, tokenizer: 'bpe' })).rejects.toThrow(/text three times/)
  })

  test('the same text gives the same files', async () => {
    await prepareCorpus(out(), options)
    await prepareCorpus(`${out()}2`, options)
    expect(await sha256File(join(out(), 'data.json'))).toBe(await sha256File(join(`${out()}2`, 'data.json')))
  })

  test('an output that exists is replaced with force alone', async () => {
    await prepareCorpus(out(), options)
    await expect(prepareCorpus(out(), options)).rejects.toMatchObject({ code: 'output-exists' })
    await prepareCorpus(out(), { ...options, force: true, lowercase: false })
    expect((await openPrepared(out())).vocabularies.source.has('The')).toBe(true)
  })

  const bad: [what: string, change: () => Promise<Partial<PrepareOptions>>, code: string][] = [
    ['invalid UTF-8', async () => ({ train: tsv(Buffer.from([65, 9, 66, 10, 67, 9, 0xff, 10])) }), 'invalid-utf8'],
    ['one column', async () => ({ valid: tsv('a\tb\nc\n') }), 'tsv-columns'],
    ['no file', async () => ({ valid: { kind: 'tsv', path: join(directory, 'none') } }), 'missing-file'],
    ['nothing left to train on', async () => ({ maxLength: 1, valid: tsv('a\tb\n') }), 'nothing-left'],
    ['nothing left to validate on', async () => ({ valid: tsv('a\t\n') }), 'nothing-left'],
    ['nothing but unknown words', async () => ({ minCount: 100_000 }), 'nothing-known'],
    ['no language', async () => ({ sourceLanguage: 'english!' }), 'language'],
    ['codes for words', async () => ({ writeBpeCodes: true }), 'invalid-option'],
    ['no codes', async () => ({ tokenizer: 'bpe', bpeCodes: (await tsv('a\tb\n')).path }), 'bpe-codes'],
    ['no count', async () => ({ minCount: 0 }), 'invalid-option'],
  ]
  let files = 0
  const written: Promise<void>[] = []
  const tsv = (content: string | Uint8Array) => {
    const path = join(directory, `${files++}.tsv`)
    written.push(writeFile(path, content))
    return { kind: 'tsv' as const, path }
  }
  test.each(bad)('%s: nothing is written', async (_, change, code) => {
    const changed = { ...options, ...(await change()) }
    await Promise.all(written)
    const before = await readdir(directory)
    await expect(prepareCorpus(join(directory, 'new/data'), changed)).rejects.toMatchObject({ code })
    expect(await readdir(directory)).toEqual(before)
  })
})

describe('openPrepared', () => {
  test('each file altered, cut or missing is named', async () => {
    await prepareCorpus(out(), options)
    for (const file of (await readdir(out())).filter(name => !['data.json', MARKER].includes(name))) {
      const path = join(out(), file)
      const content = await readFile(path)
      const damaged = { code: 'damaged-data', message: expect.stringContaining(path) }
      await writeFile(path, Buffer.concat([content.subarray(0, -1), Buffer.from([content.at(-1)! ^ 1])]))
      await expect(openPrepared(out())).rejects.toMatchObject(damaged)
      await writeFile(path, content)
      await truncate(path, content.length - 1)
      await expect(openPrepared(out())).rejects.toMatchObject(damaged)
      await rm(path)
      await expect(openPrepared(out())).rejects.toMatchObject(damaged)
      await writeFile(path, content)
    }
    await openPrepared(out())
  })

  test('no data.json, or another', async () => {
    await expect(openPrepared(directory)).rejects.toMatchObject({ code: 'not-prepared' })
    await writeFile(join(directory, 'data.json'), '{"format": 2}')
    await expect(openPrepared(directory)).rejects.toMatchObject({ code: 'damaged-data' })
    await writeFile(join(directory, 'data.json'), '{')
    await expect(openPrepared(directory)).rejects.toMatchObject({ code: 'damaged-file' })
  })
})

describe('PairStore', () => {
  async function* twoPairs() {
    yield { source: [4, 5], target: [6] }
    yield { source: [], target: [7, 8, 9] }
  }

  test('there and back', async () => {
    const path = join(directory, 'pairs.bin')
    await writePairs(path, 2, twoPairs())
    const store = await readPairs(path)
    expect(store.length).toBe(2)
    expect([...store.source(0)]).toEqual([4, 5])
    expect([...store.target(1)]).toEqual([7, 8, 9])
    expect(store.sourceLength(1)).toBe(0)
  })

  test('text that changed between two readings is not written', async () => {
    await expect(writePairs(join(directory, 'pairs.bin'), 3, twoPairs())).rejects.toMatchObject({
      code: 'input-changed',
    })
    expect(await readdir(directory)).toEqual([])
  })

  test.each([
    ['another file', [1, 2, 3]],
    ['another version', [0x4c505345, 9, 0]],
    ['more pairs than there are', [0x4c505345, 1, 2_000_000_000]],
    ['a length below zero', [0x4c505345, 1, 1, -2, 0]],
    ['too long a pair', [0x4c505345, 1, 1, 5, 0, 4]],
    ['nothing', []],
  ])('%s is refused', async (_, numbers) => {
    const path = join(directory, 'pairs.bin')
    await writeFile(path, new Uint8Array(Int32Array.from(numbers).buffer))
    await expect(readPairs(path)).rejects.toMatchObject({ code: 'damaged-data' })
  })
})

test('chooseVocabulary: ties in order of the tokens, whatever order they came in', () => {
  const counts = new Map([
    ['b', 2],
    ['<s>', 9],
    ['a', 2],
    ['c', 3],
    ['d', 1],
  ])
  const tokens = (minCount: number, limit?: number) => chooseVocabulary(counts, { minCount, limit }).tokens.slice(4)
  expect(tokens(1)).toEqual(['c', 'a', 'b', 'd'])
  expect(tokens(2)).toEqual(['c', 'a', 'b'])
  expect(tokens(1, 2)).toEqual(['c', 'a'])
})
