/**
 * Which backend computes a training, and which parameters are sparse there: a rule over what is kept, shapes and threads. It
 * asks no clock, so that the same command gives the same model.
 */
import type { SparsePattern } from '@espalier/engine'
import { type ParameterSpec, parameterSpecs } from '@espalier/runtime/architectures'
import type { BackendKind } from '../configuration/backend-kinds.ts'
import type { NetworkConfig } from '../configuration/network.ts'
import { blockOf, patternOf } from '../pruning/kept-values.ts'
import type { Mask } from '../pruning/mask.ts'

/**
 * What training costs on one thread: billions of products of two numbers a second, and nanoseconds for each number that lies
 * between products. Fitted to the processor time of steps of the presets `tiny` and `small` (batches of 14 words, 0, 80, 90 and 95 %
 * pruned).
 */
const COSTS = {
  onnx: { dense: 37, number: 0.7 },
  wasm: { dense: 21, number: 1.1, single: 13, block: 14.5 },
} as const

/** Rows of a batch that one thread of WebAssembly takes at least: in a loop over words a batch feeds no more threads. */
const ROWS_OF_THREAD = 16

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

/** What is trained, as far as its cost goes. */
export interface TrainingSize {
  readonly network: NetworkConfig
  /** Weights that stay zero. */
  readonly mask?: Mask
  /** Sentence pairs. */
  readonly batchSize: number
  /** That programs run on. */
  readonly threads: number
}

/** The backend that takes less time for a step. */
export function chooseBackend(size: TrainingSize): BackendChoice {
  const { mask, threads } = size
  if (!mask || mask.sparsity === 0) return { backend: 'onnx', reason: 'nothing is pruned' }
  const ratio = wasmCost(size, mask) / onnxCost(size)
  const pruned = `${(100 * mask.sparsity).toFixed(1)} % of the weights are pruned`
  const compared = `about ${ratio.toPrecision(2)} times as long as in ONNX Runtime`
  const on = threads === 1 ? 'one thread' : `${threads} threads`
  return {
    backend: ratio < 1 ? 'wasm' : 'onnx',
    reason: `${pruned}, with which a step in WebAssembly takes ${compared} on ${on}`,
  }
}

const weightsOf = ({ shape }: ParameterSpec) => shape.reduce((a, b) => a * b, 1)

/** Matrices that each word is multiplied with: embeddings are looked up. */
const matrices = (network: NetworkConfig) => parameterSpecs(network).filter(({ role }) => role === 'matrix')

/** Nanoseconds for one word, forwards and backwards. */
function onnxCost({ network, threads }: TrainingSize): number {
  const { dense, number } = COSTS.onnx
  const weights = matrices(network).reduce((n, spec) => n + weightsOf(spec), 0)
  return ((3 * weights) / dense + number * numbersBetween(network)) / threads
}

function wasmCost({ network, threads, batchSize }: TrainingSize, mask: Mask): number {
  const inLoops = Math.min(threads, Math.ceil(batchSize / ROWS_OF_THREAD))
  const between = (COSTS.wasm.number * numbersBetween(network)) / threads
  return matrices(network).reduce((sum, spec) => {
    const bits = mask.kept.get(spec.name)
    const once = bits ? matrixCost(maskedMatrix(bits, spec.shape)) : weightsOf(spec) / COSTS.wasm.dense
    return sum + (3 * once) / (isInLoop(spec, network) ? inLoops : threads)
  }, between)
}

/** Whether a matrix is multiplied word by word: recurrent ones are, and with input feeding all of the decoder but the softmax. */
function isInLoop({ half, side, layer, part }: ParameterSpec, { inputFeeding }: NetworkConfig): boolean {
  return (
    half === 'recurrent' || (inputFeeding && ((side === 'target' && layer !== undefined) || part === 'combination'))
  )
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
  return rows * columns === 1 ? COSTS.wasm.single : COSTS.wasm.block
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
