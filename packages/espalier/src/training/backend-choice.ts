/**
 * Which backend computes a training, and which parameters are sparse there: a rule over what is kept, shapes and threads. It
 * asks no clock, so that the same command gives the same model.
 */
import type { SparsePattern } from '@espalier/engine'
import { parameterSpecs } from '@espalier/runtime/architectures'
import type { NetworkConfig } from '../configuration/network.ts'
import type { BackendKind } from '../configuration/training.ts'
import { blockOf, patternOf } from '../pruning/kept-values.ts'
import type { Mask } from '../pruning/mask.ts'

/**
 * What training costs, measured with `bench/sparse-training.js`: billions of products of two numbers (multiplied and added) a
 * second on one thread, and nanoseconds for each number of what lies between products.
 */
const COSTS = {
  onnx: { dense: 30, number: 0.6 },
  wasm: {
    dense: 11,
    /** Kept weights by their block. */
    sparse: new Map([
      ['1x1', 9],
      ['4x1', 11],
      ['1x4', 11],
      ['1x8', 12],
    ]),
    number: 1.2,
  },
} as const

export interface BackendChoice {
  readonly backend: BackendKind
  /** Why, in words. */
  readonly reason: string
}

/** The backend that computes. */
export interface ActiveBackend {
  /** `onnx`, `wasm`, or the name of one that was given. */
  readonly name: string
  readonly reason: string
  /** How many parameters are kept values alone. */
  readonly sparse: number
}

/** A masked matrix, as far as its cost goes. */
interface MaskedMatrix {
  readonly weights: number
  readonly kept: number
  readonly block: SparsePattern['block']
}

/**
 * The backend that takes less time for a step.
 * @param mask weights that stay zero
 * @param threads that programs run on
 */
export function chooseBackend(network: NetworkConfig, mask: Mask | undefined, threads: number): BackendChoice {
  if (!mask || mask.sparsity === 0) return { backend: 'onnx', reason: 'nothing is pruned' }
  const ratio = wasmCost(network, mask) / onnxCost(network)
  const pruned = `${(100 * mask.sparsity).toFixed(1)} % of the weights are pruned`
  const times = ratio.toPrecision(2)
  return ratio < 1
    ? {
        backend: 'wasm',
        reason: `${pruned}: a step takes about ${times} of the time of ONNX Runtime's (${on(threads)})`,
      }
    : {
        backend: 'onnx',
        reason: `${pruned}: in WebAssembly a step takes about ${times} times as long (${on(threads)})`,
      }
}

const on = (threads: number) => (threads === 1 ? 'one thread' : `${threads} threads`)

/** Nanoseconds for one word on one thread. */
function onnxCost(network: NetworkConfig): number {
  const { dense, number } = COSTS.onnx
  return (3 * productWeights(network)) / dense + number * numbersBetween(network)
}

function wasmCost(network: NetworkConfig, mask: Mask): number {
  const { number } = COSTS.wasm
  let products = 0
  for (const { name, role, shape } of parameterSpecs(network)) {
    const weights = shape.reduce((a, b) => a * b, 1)
    if (role !== 'matrix') continue
    const bits = mask.kept.get(name)
    products += 3 * (bits ? matrixCost(maskedMatrix(bits, shape)) : weights / COSTS.wasm.dense)
  }
  return products + number * numbersBetween(network)
}

function maskedMatrix(bits: Uint8Array, shape: readonly number[]): MaskedMatrix {
  let kept = 0
  for (let i = 0; i < bits.length; i++) kept += bits[i]
  return { weights: bits.length, kept, block: blockOf(bits, shape) }
}

/** Nanoseconds for one product with one row of numbers, sparse or not, whichever is less. */
function matrixCost({ weights, kept, block }: MaskedMatrix): number {
  return Math.min(weights / COSTS.wasm.dense, kept / sparseRate(block))
}

function sparseRate([rows, columns]: SparsePattern['block']): number {
  return COSTS.wasm.sparse.get(`${rows}x${columns}`) ?? 9
}

/** Weights that each word is multiplied with. */
function productWeights(network: NetworkConfig): number {
  return parameterSpecs(network)
    .filter(({ role }) => role === 'matrix')
    .reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)
}

/** Numbers of one word that are computed between products: gates forwards and backwards, and the softmax. */
function numbersBetween({ layers, hidden, targetVocabulary }: NetworkConfig): number {
  return 60 * layers * hidden + 3 * targetVocabulary
}

/**
 * The parameters that are sparse on a backend that computes with kept values alone, and where these are: those of which
 * little enough is kept.
 * @param shapes of the parameters, by name
 */
export function sparsePatterns(
  mask: Mask | undefined,
  shapes: ReadonlyMap<string, readonly number[]>,
): Map<string, SparsePattern> {
  const patterns = new Map<string, SparsePattern>()
  for (const [name, bits] of mask?.kept ?? []) {
    const shape = shapes.get(name)
    if (shape?.length !== 2) continue
    const { weights, kept, block } = maskedMatrix(bits, shape)
    if (kept < weights && kept / sparseRate(block) <= weights / COSTS.wasm.dense)
      patterns.set(name, patternOf(bits, shape, block))
  }
  return patterns
}
