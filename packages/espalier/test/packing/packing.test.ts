import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TranslateOptions, Translator } from '@espalier/runtime'
import { describe, expect, it } from 'vitest'
import { readModel } from '../../src/checkpoint/model-directory.ts'
import { readAnyModel, readPackedHeader } from '../../src/checkpoint/packed-file.ts'
import type { NetworkOptions } from '../../src/configuration/network.ts'
import { describePacked } from '../../src/packing/describe.ts'
import { unpackModel } from '../../src/packing/unpack.ts'
import { openEngineTranslator } from '../../src/translation/engine-translator.ts'
import { toyPairs } from '../support.ts'
import { packedFile, randomModel } from './random-model.ts'

const sentences = [...toyPairs(12, 7).map(({ source }) => source), '', 'one unheard two', 'seven']
const options: TranslateOptions = { beam: 3, nbest: 2, attention: true, alignments: true }

describe('a packed model', () => {
  const networks: [string, Partial<NetworkOptions>, string | undefined][] = [
    ['dot attention, reversed source', { attention: 'dot', layers: 2 }, '1x1'],
    [
      'general attention, both directions',
      { attention: 'general', bidirectional: true, reverseSource: false, layers: 2 },
      '1x1',
    ],
    ['concat attention, embeddings of another size', { attention: 'concat', embedding: 10 }, '1x4'],
    ['no attention', { attention: 'none', layers: 3 }, '1x1'],
    ['input feeding', { attention: 'general', inputFeeding: true, hidden: 20 }, '1x8'],
    ['blocks of rows', { attention: 'general', hidden: 18, embedding: 7 }, '4x1'],
    ['nothing pruned', { attention: 'general', bidirectional: true }, undefined],
  ]
  it.each(networks)('translates as the engine does: %s', async (_name, changes, block) => {
    const { directory, model } = await randomModel(changes, block)
    const engine = await openEngineTranslator(await readModel(model), 1)
    const wanted = await engine.translate(sentences, options)
    await engine.release()
    const file = await readFile(await packedFile(model, 'f32', directory))
    for (const kernels of ['simd', 'scalar'] as const) {
      const packed = await Translator.load(new Uint8Array(file), { kernels })
      for (const batchSize of [1, 15]) {
        const found = await packed.translate(sentences, { ...options, batchSize })
        found.forEach((list, i) => {
          list.forEach((translation, n) => {
            expect(translation.text).toBe(wanted[i][n].text)
            expect(translation.alignment).toBe(wanted[i][n].alignment)
            expect(Math.abs(translation.score - wanted[i][n].score)).toBeLessThan(1e-4)
            translation.attention?.forEach((row, t) => {
              row.forEach((share, s) => {
                expect(Math.abs(share - wanted[i][n].attention![t][s])).toBeLessThan(1e-4)
              })
            })
          })
        })
      }
    }
  })

  it('of whole-number blocks translates to the last bit as alone, whatever else was translated, and before', async () => {
    const { directory, model } = await randomModel({ hidden: 24, attention: 'general', bidirectional: true }, '1x8')
    const file = new Uint8Array(await readFile(await packedFile(model, 'int8', directory)))
    const together = await Translator.load(file)
    const translate = async (translator: Translator, texts: string[]) =>
      (await translator.translate(texts, options)).flat().map(({ text, score }) => [text, score])
    const alone = []
    for (const sentence of sentences) alone.push(...(await translate(await Translator.load(file), [sentence])))
    for (let again = 0; again < 2; again++) expect(await translate(together, sentences)).toEqual(alone)
  })

  it.each(['f16', 'int8', 'codebook'] as const)(
    'of %s values translates as its weights, unpacked, do',
    async values => {
      for (const block of [undefined, '1x1', '1x8', '4x1']) {
        const { directory, model } = await randomModel({ hidden: 24, attention: 'general' }, block)
        const file = await packedFile(model, values, directory)
        const engine = await openEngineTranslator(await readAnyModel(file), 1)
        const wanted = await engine.translate(sentences, options)
        await engine.release()
        const packed = await Translator.load(new Uint8Array(await readFile(file)))
        const found = await packed.translate(sentences, options)
        // Blocks of whole numbers round activations, to 13 bits and more.
        found.forEach((list, i) => {
          expect(Math.abs(list[0].score - wanted[i][0].score)).toBeLessThan(2e-3)
        })
        expect(found.filter(([best], i) => best.text === wanted[i][0].text).length).toBeGreaterThanOrEqual(
          sentences.length - 1,
        )
      }
    },
  )

  it.each([undefined, '1x1', '1x8', '4x1'])(
    'of f32 values is unpacked to the very same files (blocks: %s)',
    async block => {
      const { directory, model } = await randomModel({ hidden: 16, attention: 'concat' }, block)
      const back = join(directory, 'back')
      await unpackModel(await packedFile(model, 'f32', directory), back)
      for (const name of ['model.safetensors', 'config.json', 'tokenizer.json', ...(block ? ['mask.safetensors'] : [])])
        expect(await readFile(join(back, name))).toEqual(await readFile(join(model, name)))
    },
  )

  it('is loaded from bytes, buffers, blobs, responses and streams of any pieces, with progress', async () => {
    const { directory, model } = await randomModel({}, '1x1')
    const bytes = new Uint8Array(await readFile(await packedFile(model, 'int8', directory)))
    async function* pieces(size: number) {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    }
    const blob = new Blob([bytes])
    const wanted = await (await Translator.load(bytes)).translate(sentences)
    const stream = new ReadableStream<Uint8Array>({
      async start(controller) {
        for await (const piece of pieces(1000)) controller.enqueue(piece)
        controller.close()
      },
    })
    const bytesOnly = new ReadableStream({
      type: 'bytes',
      async start(controller) {
        for await (const piece of pieces(1000)) controller.enqueue(piece.slice())
        controller.close()
      },
    })
    const streams = [blob.stream(), stream, bytesOnly, pieces(7), pieces(4096)]
    for (const source of [bytes.buffer, blob, new Response(blob), ...streams]) {
      const seen: number[] = []
      const translator = await Translator.load(source, { onProgress: received => seen.push(received) })
      expect(await translator.translate(sentences)).toEqual(wanted)
      expect(seen.at(-1)).toBe(bytes.length)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
    }
    await expect(Translator.load(new Response('no', { status: 404 }).body!)).rejects.toThrow(/not a packed model/)
  })

  it('takes text of any kind, and says where it was cut', async () => {
    const { directory, model } = await randomModel({ attention: 'general' }, '1x1')
    const translator = await Translator.load(new Uint8Array(await readFile(await packedFile(model, 'int8', directory))))
    const texts = [
      '',
      '   ',
      'word '.repeat(10_000),
      '\ud800 \udc00x',
      '👩‍👩‍👧 🏳️‍🌈',
      'שלום עולם',
      '<b onload="x">&amp;',
      '\u0000\ufffe',
    ]
    const found = await translator.translate(texts, { beam: 2, maxLength: () => 5 })
    expect(found.map(([best]) => typeof best.text)).toEqual(texts.map(() => 'string'))
    expect(found.map(([best]) => best.truncated)).toEqual(texts.map(text => text.startsWith('word')))
  })

  it('tells what its bytes are for', async () => {
    const { directory, model } = await randomModel({ hidden: 32 }, '1x1')
    const packed = await readPackedHeader(await packedFile(model, 'int8', directory))
    const { header, bytes } = packed
    const { classes, text } = describePacked(packed)
    const weights = classes.filter(({ name }) => name !== 'biases')
    expect(weights.reduce((n, c) => n + c.kept, 0) / weights.reduce((n, c) => n + c.weights, 0)).toBeCloseTo(0.4, 3)
    const sections = classes.reduce((n, c) => n + c.positions + c.values, text)
    expect(sections).toBe(header.sections.reduce((n, section) => n + section.bytes, 0))
    expect(sections).toBeLessThan(bytes)
  })
})
