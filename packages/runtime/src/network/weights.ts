/** A network's weights in the kernels' memory. */
import type { ParameterSpec } from '../architectures/architecture.ts'
import type { LstmConfig } from '../architectures/lstm/config.ts'
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/interface.ts'
import { copyFloats, type SparseMatrix } from '../kernels/sparse-matrix.ts'
import { matrixFromSections } from '../packed/load-matrix.ts'
import type { PackedReader } from '../packed/reader.ts'
import { unpackTensor } from '../packed/tensor.ts'
import type { WasmTensorReader } from '../packed/wasm-reader.ts'

/** Plain data, so that threads that share the memory can share the weights. */
export interface NetworkWeights {
  readonly config: LstmConfig
  readonly matrices: Readonly<Record<string, SparseMatrix>>
  /** Pointers to biases, and to the vector of concat attention. */
  readonly vectors: Readonly<Record<string, number>>
}

/**
 * Reads the tensors of a file, one after the other.
 * @param specs what each of them is
 * @throws PackedFileError
 */
export async function loadWeights(
  { heap, kernels, reader }: { readonly heap: Heap; readonly kernels: Kernels; readonly reader?: WasmTensorReader },
  file: PackedReader,
  config: LstmConfig,
  specs: readonly ParameterSpec[],
): Promise<NetworkWeights> {
  const matrices: Record<string, SparseMatrix> = {}
  const vectors: Record<string, number> = {}
  for (const [i, entry] of file.header.tensors.entries()) {
    const { name, role } = specs[i]
    const sections = await file.tensor(entry)
    if (role === 'vector' || role === 'bias') vectors[name] = copyFloats(heap, unpackTensor(sections).data)
    else {
      const use = role === 'embedding' ? 'lookup' : 'product'
      matrices[name] = matrixFromSections(heap, kernels, sections, { use, reader })
    }
  }
  return { config, matrices, vectors }
}
