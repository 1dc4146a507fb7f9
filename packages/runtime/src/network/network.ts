/** A packed model's network as beam search sees it. */
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/interface.ts'
import { LstmDecoderBatch } from './decoder.ts'
import { Encoder } from './encoder.ts'
import { Layers } from './layers.ts'
import type { DecoderBatch, TranslationNetwork } from './translation-network.ts'
import type { NetworkWeights } from './weights.ts'

export class PackedNetwork implements TranslationNetwork {
  readonly #layers: Layers

  constructor(heap: Heap, kernels: Kernels, weights: NetworkWeights) {
    this.#layers = new Layers(heap, kernels, weights)
  }

  get targetVocabularySize(): number {
    return this.#layers.config.targetVocabulary
  }

  async encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch> {
    return new LstmDecoderBatch(this.#layers, new Encoder(this.#layers, sources).run())
  }
}
