/** Programs as ONNX files, for whatever else runs ONNX: the same graphs that the engine runs, weights inside. */
import { emit, outputName, rawValues } from './emit.ts'
import { InputError } from './errors.ts'
import { encodeModel } from './onnx.ts'
import { type ArrayValue, checkShape } from './program.ts'
import type { Tensor } from './tensor.ts'

export interface ExportOptions {
  /** Outputs by name. In the file each is called `output/` and its name, because it may be called as an input is. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Values of inputs, by name, that the file shall hold; those that the outputs do not need are left out. */
  readonly constants?: Iterable<readonly [name: string, value: ArrayValue]>
}

/**
 * Writes expressions as an ONNX model: its inputs are those that no constant is given for.
 * @returns the file's bytes; a file of 2 GiB or more cannot be written in this format
 * @throws InputError a constant of another shape than traced, or a random mask among the inputs: nothing would draw it
 */
export function exportOnnx({ outputs, constants = [] }: ExportOptions): Uint8Array {
  const { graph, inputs } = emit(new Map(Object.entries(outputs).map(([name, x]) => [outputName(name), x])))
  for (const [name, { random }] of inputs)
    if (random) throw new InputError(`${name} is drawn at each run; a file cannot do that: build without dropout`)
  const held = new Set<string>()
  for (const [name, value] of constants) {
    const input = inputs.get(name)
    if (!input) continue
    checkShape(name, input, value, new Map())
    graph.initializer.push({ ...rawValues(input.dtype, value.data, value.shape), name })
    held.add(name)
  }
  return encodeModel({ ...graph, input: graph.input.filter(({ name }) => !held.has(name)) })
}
