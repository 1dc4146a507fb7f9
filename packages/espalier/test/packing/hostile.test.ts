import { readFile } from 'node:fs/promises'
import { type KernelKind, PackedFileError, Translator } from '@espalier/runtime'
import { crc32 } from '@espalier/runtime/packed'
import { describe, expect, it } from 'vitest'
import { packedFile, randomModel } from './random-model.ts'

/** With each cut and each bit of a file more than 100 000 in all; `npm run fuzz` makes ten million. */
const MUTATIONS = Number(process.env.MUTATIONS ?? 60_000)
/** What a file of a few kilobytes may take. */
const MOST_MEMORY = 32 << 20

type Draw = (below: number) => number
function generator(seed: number): Draw {
  let state = seed >>> 0
  return below => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return Math.floor(((Math.imul(state ^ (state >>> 13), 0x85ebca6b) >>> 0) / 2 ** 32) * below)
  }
}

/** Loads bytes, as whole or in pieces. @returns the section that an error names, or the translator */
async function load(
  bytes: Uint8Array,
  { pieces = false, kernels = 'scalar' }: { pieces?: boolean; kernels?: KernelKind } = {},
): Promise<string | Translator> {
  try {
    return await Translator.load(pieces ? inPieces(bytes) : bytes, { kernels })
  } catch (error) {
    if (error instanceof PackedFileError) return error.section
    throw error
  }
}

async function* inPieces(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}

const EXTREMES = [0, 1, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** Changes bytes as chance has it; none of their checksums. */
function damage(bytes: Uint8Array, draw: Draw): Uint8Array {
  const changed = bytes.slice()
  const at = draw(bytes.length)
  switch (draw(5)) {
    case 0:
      return changed.subarray(0, at)
    case 1:
      changed[at] ^= 1 << draw(8)
      return changed
    case 2:
      for (let i = at; i < Math.min(bytes.length, at + 1 + draw(40)); i++) changed[i] = draw(256)
      return changed
    case 3:
      if (at + 4 <= bytes.length)
        new DataView(changed.buffer).setUint32(at, EXTREMES[draw(EXTREMES.length)], draw(2) === 0)
      return changed
    default:
      return changed.map((byte, i) => (i < 12 && draw(2) === 0 ? byte : draw(256)))
  }
}

/** A file taken apart: what its makers can change and seal again, so that readers behind the checksums are reached. */
interface Parts {
  header: string
  sections: { name: string; bytes: Uint8Array }[]
}

function takeApart(bytes: Uint8Array): Parts {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true)
  const header = new TextDecoder().decode(bytes.subarray(32, 32 + length))
  let at = 32 + Math.ceil(length / 8) * 8
  const sections = (JSON.parse(header) as { sections: { name: string; bytes: number }[] }).sections.map(section => {
    const content = bytes.slice(at, at + section.bytes)
    at += Math.ceil(section.bytes / 8) * 8
    return { name: section.name, bytes: content }
  })
  return { header, sections }
}

function seal({ header, sections }: Parts): Uint8Array {
  const json = new TextEncoder().encode(header)
  const parts = [json, ...sections.map(({ bytes }) => bytes)]
  const size = 32 + parts.reduce((n, part) => n + Math.ceil(part.length / 8) * 8, 0)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  bytes.set([0x89, 0x45, 0x53, 0x50, 0x41, 0x0d, 0x0a, 0x1a])
  view.setUint32(8, 1, true)
  view.setUint32(12, json.length, true)
  view.setBigUint64(16, BigInt(size), true)
  view.setUint32(24, crc32(json), true)
  view.setUint32(28, crc32(bytes.subarray(0, 28)), true)
  let at = 32
  for (const part of parts) {
    bytes.set(part, at)
    at += Math.ceil(part.length / 8) * 8
  }
  return bytes
}

/** Changes a section and its checksum, or a number or word of the header. */
function forge(parts: Parts, draw: Draw): Uint8Array {
  const { header, sections } = parts
  if (draw(3) === 0) {
    const places = [...header.matchAll(/\d+|"(?:f32|f16|int8|codebook)"|\[|\]|null/gu)]
    const { index, 0: old } = places[draw(places.length)]
    const other = ['0', '1', '7', '65536', '4294967295', '1e308', '-1', '0.5', '"int8"', '"f16"', '[]', 'null'][
      draw(12)
    ]
    return seal({ header: header.slice(0, index) + other + header.slice(index + old.length), sections })
  }
  const place = draw(sections.length)
  const bytes = damage(sections[place].bytes.length > 0 ? sections[place].bytes : Uint8Array.of(0), draw)
  const described = JSON.parse(header) as { sections: { bytes: number; crc: number }[] }
  Object.assign(described.sections[place], { bytes: bytes.length, crc: crc32(bytes) })
  const changed = sections.map((section, i) => (i === place ? { ...section, bytes } : section))
  return seal({ header: JSON.stringify(described), sections: changed })
}

/** Files of every kind of values and blocks. */
async function wholeFiles(): Promise<Uint8Array[]> {
  const files: Uint8Array[] = []
  for (const [values, block] of [
    ['int8', '1x1'],
    ['codebook', '1x8'],
    ['f16', '4x1'],
    ['f32', undefined],
  ] as const) {
    const { directory, model } = await randomModel({ hidden: 8, attention: 'concat' }, block)
    files.push(new Uint8Array(await readFile(await packedFile(model, values, directory))))
  }
  return files
}

describe('a hostile packed file', () => {
  it.each([
    ['a name that is an object', '"name":"text"', '"name":{"toString":1}'],
    ['a name nested without end', '"name":"text"', `"name":${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['a byte order mark', '{"generator"', '\ufeff{"generator"'],
    ['a tensor of many weights in few bytes', '"shape":[11,8]', '"shape":[16777216,65536]'],
  ])('with %s is refused', async (_name, from, to) => {
    const parts = takeApart((await wholeFiles())[0])
    expect(parts.header).toContain(from)
    expect(await load(seal({ ...parts, header: parts.header.replace(from, to) }))).toBe('header')
  })

  it('truncated anywhere is refused, with the name of the section', async () => {
    const [file] = await wholeFiles()
    for (let length = 0; length < file.length; length++)
      expect(await load(file.subarray(0, length), { pieces: length % 2 === 0 })).toBeTypeOf('string')
    expect(await load(Uint8Array.of(...file, 0))).toBe('end')
  })

  it('with any single bit changed is refused', async () => {
    const [file] = await wholeFiles()
    const changed = file.slice()
    for (let bit = 0; bit < 8 * file.length; bit++) {
      changed[bit >> 3] ^= 1 << (bit & 7)
      const found = await load(changed)
      if (typeof found !== 'string') throw new Error(`bit ${bit} may be either`)
      changed[bit >> 3] ^= 1 << (bit & 7)
    }
  })

  it(`is refused, or is a model that translates, however it was made (${MUTATIONS} changes)`, async () => {
    const files = await wholeFiles()
    const parts = files.map(takeApart)
    files.forEach((file, i) => {
      expect(seal(parts[i])).toEqual(file)
    })
    let slowest = 0
    let opened = 0
    const sections = new Set<string>()
    for (let i = 0; i < MUTATIONS; i++) {
      const draw = generator(i)
      const which = draw(files.length)
      const forged = draw(2) === 0
      const bytes = forged ? forge(parts[which], draw) : damage(files[which], draw)
      const began = performance.now()
      // Both readers, the one in TypeScript and the one of the kernels.
      const found = await load(bytes, { kernels: i % 2 === 0 ? 'simd' : 'scalar' })
      if (typeof found === 'string') sections.add(found)
      else {
        opened++
        const same = bytes.length === files[which].length && bytes.every((byte, at) => byte === files[which][at])
        if (!forged && !same) throw new Error(`change ${i} was not noticed`)
        if (found.model!.memory > MOST_MEMORY) throw new Error(`change ${i} took too much memory`)
        if (opened % 10 === 0) await found.translate(['one two three'], { maxLength: () => 4 })
      }
      slowest = Math.max(slowest, performance.now() - began)
    }
    expect(sections.size).toBeGreaterThan(20)
    expect(opened).toBeGreaterThan(MUTATIONS / 100)
    expect(slowest).toBeLessThan(3000)
  }, 36_000_000)
})
