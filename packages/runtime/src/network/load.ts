/** From a packed file to a network that translates. */
import { architectureOf } from '../architectures/registry.ts'
import { Heap } from '../kernels/heap.ts'
import type { KernelKind } from '../kernels/interface.ts'
import { createKernels } from '../kernels/kernels.ts'
import type { KernelMemory } from '../kernels/memory.ts'
import { type QualityFigure, TEXT_SECTION } from '../packed/header.ts'
import { checkTensors, parseNetwork, parseSides, type Side } from '../packed/model-texts.ts'
import { PackedReader } from '../packed/reader.ts'
import type { OnProgress, PackedSource } from '../packed/source.ts'
import { readTexts } from '../packed/texts.ts'
import { WasmTensorReader } from '../packed/wasm-reader.ts'
import { PackedNetwork } from './network.ts'
import { loadWeights, type NetworkWeights } from './weights.ts'

export interface LoadOptions {
  /** Called as bytes arrive. */
  readonly onProgress?: OnProgress
  /** Default: the fastest that run here; plain JavaScript where WebAssembly is missing or forbidden. */
  readonly kernels?: KernelKind
}

/** A model in memory. Plain data, which can be sent to threads; they share the memory where it is shared. */
export interface LoadedModel {
  readonly memory: KernelMemory
  readonly weights: NetworkWeights
  /** The text files of the model. */
  readonly texts: ReadonlyMap<string, string>
  /** Bytes of the file. */
  readonly bytes: number
  /** Quality measured when the file was packed. */
  readonly quality: readonly QualityFigure[]
}

/**
 * Loads a packed file.
 * @param options.shared whether to load it into memory that threads can share
 * @throws PackedFileError naming the section that is damaged
 */
export async function loadModel(
  source: PackedSource,
  { onProgress, kernels, shared = false }: LoadOptions & { readonly shared?: boolean } = {},
): Promise<LoadedModel> {
  const file = await PackedReader.open(source, onProgress)
  try {
    const texts = await readTexts(await file.section(TEXT_SECTION))
    const config = parseNetwork(texts)
    const specs = checkTensors(config, file.header.tensors)
    const heap = Heap.create({ shared })
    const implementation = await createKernels(heap.memory, kernels)
    const reader = implementation.loading && new WasmTensorReader(heap, implementation.loading)
    if (reader) file.checksum = bytes => reader.checksum(bytes)
    const weights = await loadWeights({ heap, kernels: implementation, reader }, file, config, specs)
    await file.finish()
    reader?.free()
    return { memory: heap.memory, weights, texts, bytes: file.bytes, quality: file.header.quality ?? [] }
  } finally {
    await file.close()
  }
}

/** What a translator on this thread needs of a loaded model. */
export interface OpenedModel {
  readonly network: PackedNetwork
  readonly source: Side
  readonly target: Side
  readonly hasAttention: boolean
}

/** @throws PackedFileError where vocabularies or tokenisers are damaged; UserError `kernels` */
export async function openLoaded({ memory, weights, texts }: LoadedModel, kernels?: KernelKind): Promise<OpenedModel> {
  const { config } = weights
  const sides = parseSides(texts, config)
  const network = new PackedNetwork(new Heap(memory), await createKernels(memory, kernels), weights)
  return { ...sides, network, hasAttention: architectureOf(config).hasAttention(config) }
}
