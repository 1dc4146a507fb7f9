/** Where kept values are all that training needs, the whole arrays that it was given can be collected while it runs. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { wasmBackend } from '@espalier/engine/wasm'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { expect, it } from 'vitest'
import { networkConfig } from '../../src/configuration/network.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'
import { initialParameters, weightClasses } from '../../src/network/parameters.ts'
import { prune } from '../../src/pruning/prune.ts'
import { train } from '../../src/training/loop.ts'
import { MemoryStorage } from '../../src/training/memory-storage.ts'
import { toyConfiguration } from '../support.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const pairs = PairStore.of(Array.from({ length: 40 }, (_, i) => ({ source: [4 + (i % 7)], target: [4 + (i % 7)] })))

it('whole weights and masks are let go', async () => {
  const { model, training } = toyConfiguration({ model: { hidden: 32 }, training: { epochs: 1 } })
  const network = networkConfig(model, { source: 16, target: 16 })
  const backend = await wasmBackend()
  const watched = new Map<string, WeakRef<object>>()
  let left: string[] = ['no step was taken']
  const onStep = async () => {
    // What was awaited until now is forgotten with the next task.
    await new Promise(resolve => setTimeout(resolve, 0))
    collectGarbage()
    left = [...watched].filter(([, array]) => array.deref() !== undefined).map(([name]) => name)
  }
  const begin = () => {
    const initial = initialParameters(network, 1)
    const classes = weightClasses(parameterSpecs(network), initial)
    const mask = prune(classes, { scheme: 'class-uniform', fraction: 0.9 })
    const parameters = mask.apply(initial)
    for (const [name, bits] of mask.kept) {
      watched.set(`mask of ${name}`, new WeakRef(bits))
      watched.set(name, new WeakRef(parameters.get(name)!.data))
    }
    const corpus = { train: pairs, valid: pairs, digest: 'toy' }
    const storage = new MemoryStorage()
    return train({ corpus, network, training, parameters, mask, storage, backend, events: { onStep } })
  }
  await begin()
  expect(watched.size).toBeGreaterThan(10)
  expect(left).toEqual([])
})
