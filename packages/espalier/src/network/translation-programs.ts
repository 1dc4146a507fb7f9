/** A network of full size in translation: the expressions of its encoder and of one step, compiled or exported. */
import {
  type ArrayValue,
  type Backend,
  flatten,
  gather,
  input,
  log,
  type Program,
  softmax,
  type Tensor,
  topK,
  unflatten,
} from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import type { AttentionSource } from './attention.ts'
import { openBackend } from './backend.ts'
import { Network } from './network.ts'
import { type Parameters, type SparseParameters, sparseParameters } from './parameters.ts'
import { ProgramNetwork } from './program-network.ts'

const stateName = (layer: number, part: 'h' | 'c') => `${part}${layer}`

export interface OpenNetworkOptions {
  /** Default: the one of {@link openBackend}. */
  readonly backend?: Backend
  /** Inside an operator, where no backend is given; default: as many as there are cores. */
  readonly threads?: number
}

/**
 * Compiles a model for translation.
 * @param parameters whole arrays, or kept values with their pattern, as a training has them: those are sparse, and only others
 *   of the same blocks can be bound later
 */
export async function openNetwork(
  model: NetworkConfig,
  parameters: ReadonlyMap<string, ArrayValue>,
  { backend: given, threads }: OpenNetworkOptions = {},
): Promise<CompiledNetwork> {
  const backend = given ?? (await openBackend(threads))
  const sparse = sparseParameters(parameters)
  const encoder = await backend.compile({ outputs: encoderOutputs(model, sparse) })
  try {
    const decoder = await backend.compile({ outputs: stepOutputs(model, sparse) })
    const network = new CompiledNetwork(model, { encoder, decoder })
    network.bind(parameters)
    return network
  } catch (error) {
    await encoder.release()
    throw error
  }
}

/**
 * The same two programs as ONNX files with the parameters inside; see the engine's `exportOnnx`. In the decoder's file an
 * output that is an input of the next step (`h0`, `c0`, …, `inputFeed`) is called `next.` and the input's name.
 */
export async function exportNetwork(
  model: NetworkConfig,
  parameters: Parameters,
): Promise<{ encoder: Uint8Array; decoder: Uint8Array }> {
  const { exportOnnx } = await import('@espalier/engine/onnx')
  const { ids, logProbabilities, alignment, ...carried } = stepOutputs(model)
  const outputs = { ids, logProbabilities, ...(alignment && { alignment }) }
  for (const [name, tensor] of Object.entries(carried)) Object.assign(outputs, { [`next.${name}`]: tensor })
  return {
    encoder: exportOnnx({ outputs: encoderOutputs(model), constants: parameters }),
    decoder: exportOnnx({ outputs, constants: parameters }),
  }
}

/** The engine's network: its programs take other parameters at any time. */
export class CompiledNetwork extends ProgramNetwork<Program> {
  /** Translates with these parameters from now on. */
  bind(parameters: ReadonlyMap<string, ArrayValue>): void {
    for (const program of [this.programs.encoder, this.programs.decoder])
      for (const [name, value] of parameters) program.bind(name, value)
  }

  async release(): Promise<void> {
    await Promise.all([this.programs.encoder.release(), this.programs.decoder.release()])
  }
}

/** The encoder: `source` [source, batch] → the layers' last states and, with attention, what is attended to. */
function encoderOutputs(model: NetworkConfig, sparse?: SparseParameters): Record<string, Tensor> {
  const network = new Network(model, { sparse })
  const { states, last, mask } = network.encode(input('source', 'int32', ['source', 'batch']))
  const attended = network.attentionSource(states, mask)
  const outputs: Record<string, Tensor> = {}
  last.forEach(({ h, c }, l) => {
    outputs[stateName(l, 'h')] = h
    outputs[stateName(l, 'c')] = c
  })
  if (attended) Object.assign(outputs, attended)
  return outputs
}

/** One step: rows continue the states of their parents. rows = batch × width. */
function stepOutputs(model: NetworkConfig, sparse?: SparseParameters): Record<string, Tensor> {
  const network = new Network(model, { sparse })
  const n = model.hidden
  const parents = input('parents', 'int32', ['rows'])
  const previous = (name: string) => gather(input(name, 'float32', ['previous', n]), parents)
  const states = Array.from({ length: model.layers }, (_, l) => ({
    h: previous(stateName(l, 'h')),
    c: previous(stateName(l, 'c')),
  }))
  const attended: AttentionSource | undefined =
    model.attention === 'none'
      ? undefined
      : {
          states: input('states', 'float32', ['batch', 'source', n]),
          keys: input('keys', 'float32', ['batch', 'source', n]),
          attentionMask: input('attentionMask', 'float32', ['batch', 1, 'source']),
        }
  const inputFeed = model.inputFeeding && attended ? previous('inputFeed') : undefined
  const step = network.step(input('tokens', 'int32', ['rows']), states, inputFeed, attended, {
    group: x => unflatten(x, 0, 'batch', 'width'),
    ungroup: x => flatten(x, 0, 'rows'),
  })
  // The best tokens are found before the logarithm is taken, of them alone.
  const [probabilities, ids] = topK(softmax(step.logits), input('count', 'int64', [1]))
  const outputs: Record<string, Tensor> = { ids, logProbabilities: log(probabilities) }
  step.next.forEach(({ h, c }, l) => {
    outputs[stateName(l, 'h')] = h
    outputs[stateName(l, 'c')] = c
  })
  if (inputFeed) outputs.inputFeed = step.attentional
  if (step.alignment) outputs.alignment = step.alignment
  return outputs
}
