/** `--backend`: the same files, whatever computes, and one sentence about what does. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMetrics } from '../../src/checkpoint/metrics-file.ts'
import { readManifest, readModel } from '../../src/checkpoint/model-directory.ts'
import { readSafetensors } from '../../src/checkpoint/safetensors.ts'
import { toyData } from '../support.ts'
import { run } from './in-process.ts'

const TINY = ['--preset', 'tiny', '--set', 'model.hidden=16', '--set', 'model.layers=1', '--threads', '1']

describe('--backend', () => {
  let directory: string
  const at = (name: string) => join(directory, name)
  const succeeds = async (...words: string[]) => {
    const result = await run(...words)
    expect(result.status, `${words.join(' ')}\n${result.stderr}`).toBe(0)
    return result.stderr
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'espalier-'))
    await toyData(directory)
    const options = ['--set', 'training.epochs=1', '--backend', 'wasm']
    const said = await succeeds('train', at('data'), '--out', at('dense'), ...TINY, ...options)
    expect(said).toContain('train: runs in WebAssembly (training.backend is wasm)')
    await succeeds('prune', at('dense'), '--fraction', '0.8', '--block', '1x8', '--out', at('pruned'))
  })

  afterAll(() => rm(directory, { recursive: true, force: true }))

  it('retrains to the same model with kept weights alone, in the same files', async () => {
    const settings = ['--threads', '1', '--set', 'training.dropout=0', '--set', 'training.epochs=1']
    for (const backend of ['onnx', 'wasm']) {
      const options = ['--out', at(backend), '--backend', backend, ...settings]
      const said = await succeeds('retrain', at('pruned'), at('data'), ...options)
      expect(said).toMatch(backend === 'wasm' ? /runs in WebAssembly, \d+ matrices as kept weights/u : /runs in ONNX/u)
    }
    const [onnx, wasm] = [await readModel(at('onnx')), await readModel(at('wasm'))]
    expect(await readdir(at('wasm'))).toEqual(await readdir(at('onnx')))
    expect(wasm.mask).toEqual(onnx.mask)
    for (const [name, { shape, data }] of wasm.parameters) {
      const other = onnx.parameters.get(name)!
      expect(shape).toEqual(other.shape)
      expect(data.every((w, i) => Math.abs(w - other.data[i]) < 1e-3)).toBe(true)
    }
    const [last, otherLast] = await Promise.all(
      ['wasm', 'onnx'].map(name => readSafetensors(join(at(name), 'last.safetensors'))),
    )
    expect([...last.tensors].map(([name, { shape }]) => [name, shape])).toEqual(
      [...otherLast.tensors].map(([name, { shape }]) => [name, shape]),
    )
    const [metrics] = await readMetrics(at('wasm'))
    expect(metrics.backend).toMatchObject({ name: 'wasm', reason: 'training.backend is wasm' })
    expect((await readManifest(at('wasm'))).training.backend).toBe('wasm')
  })

  it('is changed where a training is resumed, with a notice', async () => {
    const options = ['--threads', '1', '--set', 'training.epochs=2', '--backend', 'onnx']
    const said = await succeeds('retrain', at('pruned'), at('data'), '--out', at('wasm'), '--resume', ...options)
    expect(said).toContain('training.backend from "wasm" to "onnx"')
    expect(said).toContain('runs in ONNX Runtime (training.backend is onnx)')
    const metrics = await readMetrics(at('wasm'))
    expect(metrics.map(({ backend }) => backend?.name)).toEqual(['wasm', 'onnx'])
    expect(metrics[1].changes).toHaveProperty('backend')
  })

  it('holds for structures from scratch, and for every model of a schedule', async () => {
    const options = ['--set', 'training.epochs=1', '--backend', 'wasm', '--mask-of', at('pruned')]
    const said = await succeeds('train', at('data'), '--out', at('scratch'), ...TINY, ...options)
    expect(said).toMatch(/runs in WebAssembly, \d+ matrices as kept weights alone/u)
    const schedule = ['--set', 'schedule.retraining.epochs=1', '--backend', 'wasm', '--threads', '1']
    const made = await succeeds('compress', at('dense'), at('data'), '--out', at('models'), ...schedule)
    expect(made).toMatch(/runs in WebAssembly, \d+ matrices as kept weights alone \(training.backend is wasm\)/u)
  })

  it('is one of three, and is set once', async () => {
    const train = (...words: string[]) => run('train', at('data'), '--out', at('none'), ...words)
    const unknown = await train('--backend', 'gpu')
    expect(unknown.status).toBe(2)
    expect(unknown.stderr).toContain('Allowed choices are auto, onnx, wasm')
    const twice = await train('--backend', 'wasm', '--set', 'training.backend=onnx')
    expect(twice.status).toBe(2)
    expect(twice.stderr).toContain('--backend wasm and --set training.backend=onnx set the same')
  })
})
