import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../src/checkpoint/safetensors.ts'
import { parseClasses, pruneFile } from '../../src/pipeline/prune-file.ts'
import type { PruneOptions } from '../../src/pruning/index.ts'
import { bytesOf, f32, handMadeFile } from '../checkpoint/hand-made.ts'
import { temporaryDirectory } from '../support.ts'

/** A file as PyTorch's users know it: an encoder of nn.LSTM, an embedding in half precision, a buffer of integers. */
async function pytorchFile(): Promise<string> {
  const path = join(await temporaryDirectory(), 'model.safetensors')
  const numbers = (n: number) => Float32Array.from({ length: n }, (_, i) => ((i * 37) % 41) / 41 - 0.5)
  const tensors = new Map<string, NamedTensor>([
    ['encoder.rnn.weight_ih_l0', { dtype: 'F32', shape: [8, 3], data: numbers(24) }],
    ['encoder.rnn.weight_hh_l0', { dtype: 'F32', shape: [8, 2], data: numbers(16) }],
    ['encoder.rnn.bias_ih_l0', { dtype: 'F32', shape: [8], data: numbers(8) }],
    ['decoder.embedding.weight', { dtype: 'F16', shape: [2, 2], data: Uint16Array.of(1, 2, 3, 4) }],
    ['generator.weight', { dtype: 'F32', shape: [5, 2], data: numbers(10) }],
    ['steps', { dtype: 'I64', shape: [1], data: BigInt64Array.of(7n) }],
  ])
  await writeSafetensors(path, tensors, { format: 'pt' })
  return path
}
const classes = { encoder: ['encoder.rnn.weight_*'], softmax: ['generator.weight'] }

describe("another program's file", () => {
  it('is pruned by name patterns; what is not named, and what is kept, stays as it is', async () => {
    const path = await pytorchFile()
    const [out, maskOut] = [`${path}.pruned`, `${path}.mask`]
    const report = await pruneFile(path, { scheme: 'class-blind', fraction: 0.5, classes, out, maskOut })
    expect(report.map(({ name, weights }) => [name, weights])).toEqual([
      ['encoder', 40],
      ['softmax', 10],
    ])
    expect(report.reduce((n, { pruned }) => n + pruned, 0)).toBe(25)
    const [before, after, mask] = await Promise.all([path, out, maskOut].map(file => readSafetensors(file)))
    expect(after.metadata.format).toBe('pt')
    expect([...after.tensors.keys()]).toEqual([...before.tensors.keys()])
    for (const [name, { data, shape }] of before.tensors) {
      const marks = mask.tensors.get(name)
      if (marks) expect(marks.shape).toEqual(shape)
      const wanted = marks ? (data as Float32Array).map((w, i) => (marks.data[i] ? w : 0)) : data
      expect(after.tensors.get(name)!.data).toEqual(wanted)
    }
    const zeros = [...after.tensors.values()].filter(({ dtype }) => dtype === 'F32')
    expect(zeros.reduce((n, { data }) => n + data.filter(w => w === 0).length, 0)).toBeGreaterThanOrEqual(25)
  })

  it.each([
    [{ encoder: ['nothing.*'] }, 'nothing.* matches no tensor'],
    [{ a: ['encoder.*weight*'], b: ['*.weight_ih_l0'] }, 'encoder.rnn.weight_ih_l0 is in class a and in class b'],
    [{ a: ['encoder.rnn.weight_*', '*_ih_l0'] }, 'twice in class a'],
    [{ a: ['steps'] }, 'steps is I64; what can be pruned is F32, F16, BF16, F64'],
  ])('%j is refused', async (patterns, message) => {
    const path = await pytorchFile()
    const options = { scheme: 'class-blind' as const, fraction: 0.5, classes: patterns, out: `${path}.pruned` }
    await expect(pruneFile(path, options)).rejects.toThrow(message)
    await expect(readSafetensors(options.out)).rejects.toThrow('missing')
  })

  it('does not take the place of what exists', async () => {
    const path = await pytorchFile()
    await writeFile(`${path}.there`, '')
    await expect(
      pruneFile(path, { scheme: 'class-blind', fraction: 0.5, classes, out: `${path}.there` }),
    ).rejects.toThrow('exists already')
  })

  it.each([[{}], [[]], [{ a: 1 }], [{ a: [] }]])('classes like %j are refused', value => {
    expect(() => parseClasses(value, 'classes.yaml')).toThrow(/classes.yaml does not hold classes/)
  })

  it('keeps every other byte: metadata, the order of tensors and of the header, spaces, types that nobody here knows', async () => {
    const tensors = {
      'z.weight': f32([4], [1, -2, 3, -4]),
      'a.quantised': { dtype: 'F8_E4M3', shape: [3], bytes: Uint8Array.of(1, 2, 3) },
      'm.weight': f32([1], [9]),
    }
    const metadata = '{"format":"pt","sha256":"0123abcd","epoch":7}'
    const path = await handMadeFile(tensors, json => `${json.replace('{', `{ "__metadata__": ${metadata} ,`)}   `)
    const out = `${path}.pruned`
    await pruneFile(path, { fraction: 0.5, classes: { all: ['z.*'] }, out })
    // The first tensor's first two weights, before three bytes and one float.
    const before = await readFile(path)
    const start = before.length - 4 - 3 - 16
    before.fill(0, start, start + 8)
    expect(await readFile(out)).toEqual(before)
  })

  /** Bits of half precision of both kinds: 1, -0.5, the smallest denormal, 2 and -0. */
  it.each([
    ['F16', [0x3c00, 0xb800, 0x0001, 0x4000, 0x8000]],
    ['BF16', [0x3f80, 0xbf00, 0x0001, 0x4000, 0x8000]],
  ])('%s is pruned in its own type, and the bits of what is kept stay', async (dtype, bits) => {
    const path = await handMadeFile({ w: { dtype, shape: [5], bytes: bytesOf(Uint16Array.from(bits)) } })
    const [out, maskOut] = [`${path}.pruned`, `${path}.mask`]
    const pruned = async (fraction: number) => {
      await pruneFile(path, { fraction, classes: { all: ['w'] }, out, maskOut, force: true })
      const [file, mask] = [await readSafetensors(out), await readSafetensors(maskOut)]
      return [[...file.tensors.get('w')!.data].map(Number), [...mask.tensors.get('w')!.data].map(Number)]
    }
    expect(await pruned(0.2)).toEqual([
      [...bits.slice(0, 4), 0],
      [1, 1, 1, 1, 0],
    ])
    expect(await pruned(0.4)).toEqual([
      [bits[0], bits[1], 0, bits[3], 0],
      [1, 1, 0, 1, 0],
    ])
    expect(await pruned(0.8)).toEqual([
      [0, 0, 0, bits[3], 0],
      [0, 0, 0, 1, 0],
    ])
  })

  it('F64 is pruned in its own type, beyond what 32 bits can hold', async () => {
    const values = Float64Array.of(1e300, 1e-300, 0, -1e-200)
    const path = await handMadeFile({ w: { dtype: 'F64', shape: [2, 2], bytes: bytesOf(values) } })
    await pruneFile(path, { fraction: 0.5, classes: { all: ['w'] }, out: `${path}.pruned` })
    expect((await readSafetensors(`${path}.pruned`)).tensors.get('w')!.data).toEqual(
      Float64Array.of(1e300, 0, 0, -1e-200),
    )
  })

  it.each(['F16', 'BF16', 'F32', 'F64'])('%s: NaN and infinity are refused by tensor and place', async dtype => {
    const odd: Record<string, (value: number) => Uint8Array> = {
      F16: value => bytesOf(Uint16Array.of(0x3c00, 0x3c00, Number.isNaN(value) ? 0x7e00 : 0x7c00, 0)),
      BF16: value => bytesOf(Uint16Array.of(0x3f80, 0x3f80, Number.isNaN(value) ? 0x7fc0 : 0x7f80, 0)),
      F32: value => bytesOf(Float32Array.of(1, 1, value, 0)),
      F64: value => bytesOf(Float64Array.of(1, 1, value, 0)),
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const path = await handMadeFile({ w: { dtype, shape: [2, 2], bytes: odd[dtype](value) }, v: f32([1], [1]) })
      const options = { fraction: 0.5, out: `${path}.pruned` }
      await expect(pruneFile(path, { ...options, classes: { all: ['*'] } })).rejects.toThrow(`w[1, 0] is ${value}`)
      // What no class names is nobody's business.
      await pruneFile(path, { ...options, classes: { all: ['v'] } })
    }
  })

  it('is pruned again: zeros count as pruned under every scheme, mask and file agree, less is refused', async () => {
    const values = Array.from({ length: 640 }, (_, i) => Math.sin(i * 12.9898 + 1))
    const path = await handMadeFile({ w: f32([64, 10], values), scale: f32([], [4.6]) })
    const all = { classes: { all: ['*'] }, force: true }
    const half = `${path}.half`
    await pruneFile(path, { ...all, fraction: 0.5, out: half })
    const [out, maskOut] = [`${path}.again`, `${path}.mask`]
    const ways: Partial<PruneOptions>[] = [
      { fraction: 0.6, scheme: 'random' },
      { fraction: 0.7 },
      { fraction: 0.6, block: '1x4' },
      { pattern: '1:4' },
    ]
    for (const options of ways) {
      const [{ pruned }] = await pruneFile(half, { ...all, ...options, out, maskOut })
      const [before, after, mask] = await Promise.all([half, out, maskOut].map(file => readSafetensors(file)))
      let zeros = 0
      for (const [name, { data }] of after.tensors)
        for (let i = 0; i < data.length; i++) {
          expect(mask.tensors.get(name)!.data[i]).toBe(data[i] === 0 ? 0 : 1)
          if (before.tensors.get(name)!.data[i] === 0) expect(data[i]).toBe(0)
          if (data[i] === 0) zeros++
        }
      expect(pruned).toBe(zeros)
      if (options.fraction && !options.block) expect(zeros).toBe(Math.round(options.fraction * 641))
    }
    await expect(pruneFile(half, { ...all, fraction: 0.3, out })).rejects.toThrow('are pruned already')
  })

  it('a scalar and an empty tensor survive blocks and N:M', async () => {
    const path = await handMadeFile({ scale: f32([], [4.6]), none: f32([0, 4], []), w: f32([8, 8], Array(64).fill(1)) })
    const out = `${path}.pruned`
    for (const options of [{ fraction: 0.1, block: '1x8' }, { pattern: '2:4' }]) {
      await pruneFile(path, { ...options, classes: { all: ['*'] }, out, maskOut: `${path}.mask`, force: true })
      expect((await readSafetensors(out)).tensors.get('scale')!.data[0]).toBe(Math.fround(4.6))
      expect((await readSafetensors(`${path}.mask`)).tensors.get('scale')).toEqual({
        dtype: 'BOOL',
        shape: [],
        data: Uint8Array.of(1),
      })
    }
  })

  it('never writes one file over another', async () => {
    const path = await pytorchFile()
    const options = { fraction: 0.5, classes, force: true }
    await expect(pruneFile(path, { ...options, out: path })).rejects.toMatchObject({ code: 'same-path' })
    for (const maskOut of [path, `${path}.out`])
      await expect(pruneFile(path, { ...options, out: `${path}.out`, maskOut })).rejects.toMatchObject({
        code: 'same-path',
      })
  })
})
