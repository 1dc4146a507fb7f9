/** The rule that chooses a backend: what it depends on, and where it turns. */
import { parameterSpecs } from '@espalier/runtime/architectures'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { networkConfig } from '../../src/configuration/network.ts'
import { PRESETS } from '../../src/configuration/presets.ts'
import { Mask } from '../../src/pruning/mask.ts'
import { chooseBackend, sparsePatterns } from '../../src/training/backend-choice.ts'

const { model } = parseConfiguration(PRESETS.tiny, 'tiny')
const network = networkConfig(model, { source: 1200, target: 1400 })
const matrices = parameterSpecs(network).filter(({ weightClass }) => weightClass)
const shapes = new Map(parameterSpecs(network).map(({ name, shape }) => [name, shape]))

/** A mask of runs of `block` weights, of which one in `kept` is kept; runs of rows are shifted against each other. */
function everyNth(kept: number, block = 1): Mask {
  return new Mask(
    new Map(
      matrices.map(({ name, shape: [rows, columns] }) => {
        const at = (i: number) => Math.floor((i % columns) / block) + Math.floor(i / columns)
        return [name, Uint8Array.from({ length: rows * columns }, (_, i) => (at(i) % kept === 0 ? 1 : 0))]
      }),
    ),
  )
}

const choose = (mask: Mask | undefined, threads = 2) => chooseBackend({ network, mask, threads, batchSize: 32 })

describe('the choice of a backend', () => {
  it('is ONNX Runtime where nothing or little is pruned, WebAssembly where much is, and turns once', () => {
    expect(choose(undefined)).toEqual({ backend: 'onnx', reason: 'nothing is pruned' })
    expect(choose(everyNth(1)).backend).toBe('onnx')
    const chosen = [2, 3, 4, 5, 8, 10, 20].map(kept => choose(everyNth(kept)).backend)
    expect(chosen[0]).toBe('onnx')
    expect(chosen.at(-1)).toBe('wasm')
    expect(chosen).toEqual([...chosen].sort())
  })

  it('says how much is pruned and what that is estimated to take', () => {
    expect(choose(everyNth(10)).reason).toMatch(
      /^90\.\d % of the weights are pruned, with which a step in WebAssembly takes about 0\.\d+ times as long as in ONNX Runtime on 2 threads$/u,
    )
  })

  it('counts no more threads in loops than a batch has work for', () => {
    const [few, many] = [2, 32].map(threads => /about ([\d.]+)/u.exec(choose(everyNth(10), threads).reason)?.[1])
    expect(Number(many)).toBeGreaterThan(Number(few))
  })
})

describe('sparse parameters', () => {
  it('are those of which little enough is kept', () => {
    expect(sparsePatterns(undefined, shapes).size).toBe(0)
    expect(sparsePatterns(everyNth(1), shapes).size).toBe(0)
    const patterns = sparsePatterns(everyNth(10), shapes)
    expect([...patterns.keys()]).toEqual(matrices.map(({ name }) => name))
    expect([...patterns.values()].every(({ block }) => block.join() === '1,1')).toBe(true)
  })

  it('have the blocks of their mask', () => {
    const blocks = [...sparsePatterns(everyNth(5, 8), shapes).values()].map(({ block }) => block.join())
    expect(new Set(blocks)).toEqual(new Set(['1,8']))
  })
})
