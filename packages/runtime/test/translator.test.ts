import { describe, expect, it, vi } from 'vitest'
import { createTokenizer, SPECIAL_TOKENS, type TranslationNetwork, Translator, Vocabulary } from '../src/index.ts'
import { ToyNetwork } from './search/toy-network.ts'

const side = {
  tokenizer: createTokenizer({ kind: 'none', language: 'en', lowercase: false }),
  vocabulary: new Vocabulary([...SPECIAL_TOKENS, 'a', 'b', 'c']),
}
const translatorOf = <Network extends TranslationNetwork>(network: Network) =>
  new Translator(network, side, side, false)

/** A network that waits before each step until it is told to go on. */
class PatientNetwork extends ToyNetwork {
  readonly release = vi.fn()
  readonly waiting: (() => void)[] = []

  override async encode(sources: readonly (readonly number[])[]) {
    const batch = await super.encode(sources)
    const step = batch.step.bind(batch)
    batch.step = async input => {
      await new Promise<void>(resolve => this.waiting.push(resolve))
      return step(input)
    }
    return batch
  }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('a translator on this thread', () => {
  it('that is released finishes the batch that it works on, begins no other, and releases its network after it', async () => {
    const network = new PatientNetwork(1)
    const translator = translatorOf(network)
    const asked = translator.translate(['a', 'b'], { batchSize: 1, maxLength: () => 1 })
    await turn()
    const released = translator.release()
    await turn()
    expect(network.release).not.toHaveBeenCalled()
    const goOn = setInterval(() => network.waiting.shift()?.())
    await expect(asked).rejects.toMatchObject({ code: 'released' })
    await released
    await translator.release()
    clearInterval(goOn)
    expect(network.release).toHaveBeenCalledTimes(1)
    expect(network.calls.filter(call => call.startsWith('encode'))).toEqual(['encode 1'])
    await expect(translator.translate(['a'])).rejects.toMatchObject({ code: 'released' })
  })

  it('ends a search at its next step once its signal is aborted, and frees the batch', async () => {
    const network = new PatientNetwork(1)
    const controller = new AbortController()
    const asked = translatorOf(network).translate(['a b c'], { signal: controller.signal })
    await turn()
    controller.abort(new Error('no longer wanted'))
    network.waiting.shift()?.()
    await expect(asked).rejects.toThrow('no longer wanted')
    expect(network.calls.filter(call => call.startsWith('step'))).toHaveLength(1)
    expect(network.calls.at(-1)).toBe('dispose')
  })

  it('lets other code abort between batches of a network that never waits', async () => {
    const controller = new AbortController()
    const onProgress = vi.fn(() => setTimeout(() => controller.abort(new Error('enough'))))
    const sentences = Array.from({ length: 200 }, () => 'a b c')
    const asked = translatorOf(new ToyNetwork(1)).translate(sentences, {
      ...{ batchSize: 1, signal: controller.signal, onProgress },
    })
    await expect(asked).rejects.toThrow('enough')
    expect(onProgress.mock.calls.length).toBeLessThan(10)
  })

  it('has no figures where its model is no packed file', () => {
    expect(translatorOf(new ToyNetwork(1)).model).toBeUndefined()
  })
})
