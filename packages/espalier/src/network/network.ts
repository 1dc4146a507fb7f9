/** The encoder-decoder: expressions for its loss, its encoder and one step of its decoder, all of the same layers. */

import {
  cast,
  concat,
  crossEntropy,
  type DType,
  dropoutMask,
  equal,
  fill,
  gather,
  input,
  linear,
  mul,
  scan,
  sparseInput,
  squeeze,
  sub,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
} from '@espalier/engine'
import { PAD } from '@espalier/runtime'
import { LSTM_PARAMETERS, lstmLayerNames, parameterSpecs } from '@espalier/runtime/architectures'
import type { NetworkConfig } from '../configuration/network.ts'
import { dropoutStream } from '../random-streams.ts'
import { type AttentionSource, type AttentionWeights, attend, attentionSource } from './attention.ts'
import { type LstmState, type LstmWeights, lstmLayer, lstmStep } from './lstm.ts'
import type { SparseParameters } from './parameters.ts'

export interface NetworkSettings {
  /** Whether dropout masks are drawn; default: false. */
  readonly training?: boolean
  /** Of parameters and activations; default: float32, and float64 in checks. */
  readonly dtype?: DType
  /** Parameters of which kept values alone exist; default: none. */
  readonly sparse?: SparseParameters
}

/** Symbolic parameters, and what is built of them. One object is used for one program. */
export class Network {
  readonly parameters = new Map<string, Tensor>()
  readonly training: boolean
  readonly dtype: DType
  #masks = 0

  /** @throws ShapeError a sparse parameter that is not made of whole blocks */
  constructor(
    readonly model: NetworkConfig,
    { training = false, dtype = 'float32', sparse }: NetworkSettings = {},
  ) {
    this.training = training
    this.dtype = dtype
    for (const { name, shape } of parameterSpecs(model)) {
      const block = sparse?.get(name)
      const tensor = block
        ? sparseInput(name, dtype, [shape[0], shape[1]], { pattern: name, block })
        : input(name, dtype, shape)
      this.parameters.set(name, tensor)
    }
  }

  #parameter(name: string): Tensor {
    const parameter = this.parameters.get(name)
    if (!parameter) throw new Error(`the network has no parameter ${name}`)
    return parameter
  }

  #lstm(...layer: Parameters<typeof lstmLayerNames>): LstmWeights {
    const { input, recurrent, bias } = lstmLayerNames(...layer)
    return { input: this.#parameter(input), recurrent: this.#parameter(recurrent), bias: this.#parameter(bias) }
  }

  #attention(): AttentionWeights | undefined {
    const { attention: kind } = this.model
    if (kind === 'none') return undefined
    const combine = this.#parameter(LSTM_PARAMETERS.attentionCombination)
    if (kind === 'dot') return { kind, combine }
    const score = this.#parameter(LSTM_PARAMETERS.attentionScore)
    if (kind === 'general') return { kind, combine, score }
    return { kind, combine, score, vector: this.#parameter(LSTM_PARAMETERS.attentionVector) }
  }

  #attend(h: Tensor, attended: AttentionSource): ReturnType<typeof attend> {
    const weights = this.#attention()
    if (!weights) throw new Error('a network without attention cannot attend')
    return attend(h, attended, weights)
  }

  /** A dropout mask for x, or undefined when not training. */
  #mask(shape: Tensor['shape']): Tensor | undefined {
    if (!this.training || this.model.dropout === 0) return undefined
    return dropoutMask(shape, this.model.dropout, dropoutStream(this.#masks++), this.dtype)
  }
  #dropout(x: Tensor): Tensor {
    const mask = this.#mask(x.shape)
    return mask ? mul(x, mask) : x
  }

  #zeroState(units: number, like: Tensor): LstmState {
    const zero = fill(0, [like.shape[1], units], this.dtype)
    return { h: zero, c: zero }
  }

  /**
   * @param source token ids [source, batch], padded on the left
   * @returns the top layer's states [source, batch, n], each layer's last state, and the mask [source, batch, 1]: 1 for a word, 0 for padding
   */
  encode(source: Tensor): { states: Tensor; last: LstmState[]; mask: Tensor } {
    const { layers, hidden, bidirectional } = this.model
    const mask = unsqueeze(sub(1, cast(equal(source, PAD), this.dtype)), -1)
    let x = this.#dropout(gather(this.#parameter(LSTM_PARAMETERS.embedding.source), source))
    const last: LstmState[] = []
    for (let l = 0; l < layers; l++) {
      if (l > 0) x = this.#dropout(x)
      const units = bidirectional ? hidden / 2 : hidden
      const zero = this.#zeroState(units, source)
      const forward = lstmLayer(x, zero, this.#lstm('source', l), { mask })
      if (bidirectional) {
        const backward = lstmLayer(x, zero, this.#lstm('source', l, 'backward'), { mask, reverse: true })
        x = concat([forward.states, backward.states], 2)
        last.push({
          h: concat([forward.last.h, backward.last.h], 1),
          c: concat([forward.last.c, backward.last.c], 1),
        })
      } else {
        x = forward.states
        last.push(forward.last)
      }
    }
    return { states: x, last, mask }
  }

  /** What the decoder attends to; undefined without attention. */
  attentionSource(states: Tensor, mask: Tensor): AttentionSource | undefined {
    const attention = this.#attention()
    return attention && attentionSource(states, mask, attention)
  }

  /**
   * The decoder over a whole target sentence that is known.
   * @param targetInput token ids [target, batch], `<s>` first
   * @returns what the softmax sees, [batch, target, n] with attention and [target, batch, n] without
   */
  decode(
    targetInput: Tensor,
    initial: readonly LstmState[],
    attended: AttentionSource | undefined,
  ): { states: Tensor; batchFirst: boolean } {
    const x = this.#dropout(gather(this.#parameter(LSTM_PARAMETERS.embedding.target), targetInput))
    if (this.model.inputFeeding && attended)
      return { states: this.#decodeFeeding(x, initial, attended), batchFirst: false }
    let states = x
    for (let l = 0; l < this.model.layers; l++) {
      if (l > 0) states = this.#dropout(states)
      states = lstmLayer(states, initial[l], this.#lstm('target', l)).states
    }
    if (!attended) return { states, batchFirst: false }
    return { states: this.#attend(transpose(states, [1, 0, 2]), attended).attentional, batchFirst: true }
  }

  /** With input feeding each step needs the attentional state of the one before: attention is inside the loop. */
  #decodeFeeding(x: Tensor, initial: readonly LstmState[], attended: AttentionSource): Tensor {
    const { layers, hidden } = this.model
    const masks = Array.from({ length: layers - 1 }, () => this.#mask([x.shape[0], x.shape[1], hidden])).filter(
      mask => mask !== undefined,
    )
    const start = [fill(0, [x.shape[1], hidden], this.dtype), ...initial.flatMap(({ h, c }) => [h, c])]
    const { outputs } = scan(start, [x, ...masks], ([inputFeed, ...states], [xt, ...maskSlices]) => {
      const previous = initial.map((_, l) => ({ h: states[2 * l], c: states[2 * l + 1] }))
      const step = this.#stepLayers(concat([xt, inputFeed], 1), previous, maskSlices)
      // A network has one layer at least.
      const top = unsqueeze(step.at(-1)!.h, 1)
      const attentional = squeeze(this.#attend(top, attended).attentional, 1)
      return { carries: [attentional, ...step.flatMap(({ h, c }) => [h, c])], outputs: [attentional] }
    })
    return outputs[0]
  }

  #stepLayers(x: Tensor, states: readonly LstmState[], masks: readonly Tensor[] = []): LstmState[] {
    let layerInput = x
    return states.map((state, l) => {
      if (l > 0 && masks[l - 1]) layerInput = mul(layerInput, masks[l - 1])
      const next = lstmStep(layerInput, state, this.#lstm('target', l))
      layerInput = next.h
      return next
    })
  }

  /**
   * Logits of the target vocabulary.
   * @param states […, n]
   */
  logits(states: Tensor): Tensor {
    return linear(states, this.#parameter(LSTM_PARAMETERS.outputWeight), this.#parameter(LSTM_PARAMETERS.outputBias))
  }

  /**
   * The training loss and what is reported of it.
   * @param source [source, batch] padded on the left; targetInput [target, batch], `<s>` first; labels [target, batch] int64,
   *   `</s>` last; both padded on the right
   * @returns `loss`: −Σ log p(word), smoothed if asked, over the batch; `negativeLogLikelihood`: the same, never smoothed
   */
  loss(
    source: Tensor,
    targetInput: Tensor,
    labels: Tensor,
    smoothing = 0,
  ): { loss: Tensor; negativeLogLikelihood: Tensor } {
    const { states: encoded, last, mask } = this.encode(source)
    const { states, batchFirst } = this.decode(targetInput, last, this.attentionSource(encoded, mask))
    const ordered = batchFirst ? transpose(labels, [1, 0]) : labels
    const logits = this.logits(this.#dropout(states))
    const counted = sub(1, cast(equal(ordered, PAD), this.dtype))
    const total = (smoothed: number) => sum(mul(crossEntropy(logits, ordered, smoothed), counted))
    return { loss: total(smoothing), negativeLogLikelihood: total(0) }
  }

  /**
   * One step of the decoder for several hypotheses of each sentence.
   * @param tokens [rows]; states: each layer's [rows, n]; inputFeed [rows, n] with input feeding; rows = batch × width
   * @returns logits [rows, V], the next states, the attentional state and the alignment [rows, source]
   */
  step(
    tokens: Tensor,
    states: readonly LstmState[],
    inputFeed: Tensor | undefined,
    attended: AttentionSource | undefined,
    grouping: Grouping,
  ) {
    const x = gather(this.#parameter(LSTM_PARAMETERS.embedding.target), tokens)
    const next = this.#stepLayers(inputFeed ? concat([x, inputFeed], 1) : x, states)
    // A network has one layer at least.
    const top = next.at(-1)!.h
    if (!attended) return { logits: this.logits(top), next, attentional: top, alignment: undefined }
    const { attentional, alignment } = this.#attend(grouping.group(top), attended)
    const flat = grouping.ungroup(attentional)
    return { logits: this.logits(flat), next, attentional: flat, alignment: grouping.ungroup(alignment) }
  }
}

/** How rows of hypotheses are seen as [batch, width, …] and back. */
export interface Grouping {
  group(x: Tensor): Tensor
  ungroup(x: Tensor): Tensor
}
