import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../src/checkpoint/safetensors.ts'
import { parseClasses, pruneFile } from '../../src/pipeline/prune-file.ts'
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
    const [before, after, mask] = await Promise.all([path, out, maskOut].map(readSafetensors))
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
    [{ a: ['decoder.embedding.weight'] }, 'is F16; only F32'],
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
    expect(() => parseClasses(value, 'classes.yaml')).toThrow(/classes.yaml: wanted are classes/)
  })
})
