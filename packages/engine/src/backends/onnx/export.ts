/** Programs as ONNX files, for whatever else runs ONNX: the same graphs that the engine runs, weights inside. */
import { InputError } from '../../errors.ts'
import type { Tensor } from '../../graph/tensor.ts'
import { checkArray } from '../arrays.ts'
import type { ArrayValue } from '../backend.ts'
import { emit } from './emit.ts'
import { encodeModel } from './format.ts'
import { rawTensor } from './values.ts'

export interface ExportOptions {
  /** Outputs by the names they have in the file; none may have the name of an input. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Values of inputs, by name, that the file shall hold; those that the outputs do not need are left out. */
  readonly constants?: Iterable<readonly [name: string, value: ArrayValue]>
}

/**
 * Writes expressions as an ONNX model: its inputs are those that no constant is given for.
 * @returns the file's bytes; a file of 2 GiB or more cannot be written in this format
 * @throws InputError a constant of another type or shape than traced, an output called as an input is, a random mask
 *   among the inputs, which a file cannot draw, or something computed from sparse inputs, whose places it does not hold
 */
export function exportOnnx({ outputs, constants = [] }: ExportOptions): Uint8Array {
  const { graph, inputs, masks } = emit(new Map(Object.entries(outputs)))
  for (const { pattern } of masks.values())
    throw new InputError(`pattern ${pattern} is not in the file: build with whole inputs in place of sparse ones`)
  for (const [name, { random }] of inputs) {
    if (random) throw new InputError(`${name} is drawn at each run; a file cannot do that: build without dropout`)
    if (name in outputs) throw new InputError(`${name} is an input and an output; in a file they need two names`)
  }
  const held = new Set<string>()
  for (const [name, value] of constants) {
    const input = inputs.get(name)
    if (!input) continue
    checkArray(name, input, value)
    graph.initializer.push({ ...rawTensor(input.dtype, value.data, value.shape), name })
    held.add(name)
  }
  return encodeModel({ ...graph, input: graph.input.filter(({ name }) => !held.has(name)) })
}
