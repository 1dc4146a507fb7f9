/** Programs run by ONNX Runtime: one session a program, arrays bound to it without a copy. */
import type { InferenceSession, Tensor as Value } from 'onnxruntime-node'
import { InputError } from '../../errors.ts'
import type { InputAttributes } from '../../graph/operators/source.ts'
import type { DType, Tensor, TensorType } from '../../graph/tensor.ts'
import { checkArray, checkOnePattern, keptPlaces, MaskDrawer, sizeOf } from '../arrays.ts'
import type {
  ArrayValue,
  DeviceArray,
  NumberArray,
  Program,
  ProgramSource,
  RunOptions,
  SparsePattern,
} from '../backend.ts'
import { emit, type Masks } from './emit.ts'
import { encodeModel } from './format.ts'
import { updatesInPlace } from './in-place.ts'
import type { OnnxOptions } from './options.ts'

export type OnnxRuntime = typeof import('onnxruntime-node')

/** An array in JavaScript's memory, which is where ONNX Runtime reads and writes it. */
export class HostArray implements DeviceArray, ArrayValue {
  readonly shape: readonly number[]
  readonly pattern?: SparsePattern
  /** All numbers; a sparse array is a whole one with zeros here, and a mask. */
  readonly whole: NumberArray
  readonly mask?: Uint8Array
  readonly #places?: Int32Array

  constructor({ data, shape, pattern }: ArrayValue) {
    this.shape = shape
    this.whole = data
    if (!pattern) return
    this.pattern = pattern
    const size = sizeOf(shape)
    // The same class of array, of another length.
    this.whole = new (data.constructor as Float32ArrayConstructor)(size)
    this.mask = new Uint8Array(size)
    this.#places = keptPlaces(pattern, shape[1])
    this.#places.forEach((place, i) => {
      this.whole[place] = data[i]
    })
    for (const place of this.#places) this.mask[place] = 1
  }

  get data(): NumberArray {
    return this.#places ? keptOf(this.whole, this.#places) : this.whole
  }

  async read(): Promise<NumberArray> {
    return this.data
  }

  release(): void {}
}

/** The numbers of a whole array at a pattern's places. */
function keptOf(whole: NumberArray, places: Int32Array): NumberArray {
  // The same class of array, of another length.
  const kept = new (whole.constructor as Float32ArrayConstructor)(places.length)
  places.forEach((place, i) => {
    kept[i] = whole[place] as number
  })
  return kept
}

// Inside the graph outputs and updates have names of their own, because they may be called as an input is.
const outputName = (name: string) => `output/${name}`
const updateName = (name: string) => `update/${name}`

/** Compiles a program to a session. */
export async function compileSession(
  runtime: OnnxRuntime,
  { outputs, updates = {} }: ProgramSource,
  { threads = 0, executionProviders = ['cpu'] }: OnnxOptions,
): Promise<Program> {
  const targets = new Map<string, Tensor>()
  for (const [name, tensor] of Object.entries(outputs)) targets.set(outputName(name), tensor)
  for (const [name, tensor] of Object.entries(updates)) targets.set(updateName(name), tensor)
  const { graph, inputs, masks } = emit(targets)
  const session = await runtime.InferenceSession.create(encodeModel(graph), {
    executionProviders: [...executionProviders],
    graphOptimizationLevel: 'all',
    enableMemPattern: false,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '1' }, set_denormal_as_zero: '1' } },
  })
  const inPlace = updatesInPlace(Object.values(outputs), updates)
  return new SessionProgram(runtime, session, { inputs, masks }, outputs, updates, inPlace)
}

interface BoundArray {
  readonly array: HostArray
  readonly value: Value
}

class SessionProgram implements Program {
  readonly #runtime: OnnxRuntime
  #session: InferenceSession | undefined
  readonly #inputs: ReadonlyMap<string, InputAttributes>
  readonly #masks: Masks
  readonly #outputs: Readonly<Record<string, TensorType>>
  readonly #updates: Readonly<Record<string, TensorType>>
  /** Updates that are written over their arrays; the others are copied there after the run. */
  readonly #inPlace: ReadonlySet<string>
  readonly #bound = new Map<string, BoundArray>()
  readonly #drawer = new MaskDrawer()
  readonly #running = new Set<Promise<unknown>>()

  constructor(
    runtime: OnnxRuntime,
    session: InferenceSession,
    { inputs, masks }: { inputs: ReadonlyMap<string, InputAttributes>; masks: Masks },
    outputs: Readonly<Record<string, TensorType>>,
    updates: Readonly<Record<string, TensorType>>,
    inPlace: ReadonlySet<string>,
  ) {
    this.#runtime = runtime
    this.#session = session
    this.#inputs = inputs
    this.#masks = masks
    this.#outputs = outputs
    this.#updates = updates
    this.#inPlace = inPlace
  }

  get inputNames(): string[] {
    return [...this.#inputs].filter(([, { random }]) => !random).map(([name]) => name)
  }

  bind(name: string, value: ArrayValue | DeviceArray): void {
    const type = this.#inputs.get(name) ?? this.#updates[name]
    if (!type) return
    if (!('data' in value)) throw new InputError(`the array for ${name} was placed by another backend`)
    checkArray(name, type, value)
    const array = value instanceof HostArray ? value : new HostArray(value)
    const tensor = this.#value(type.dtype, { data: array.whole, shape: array.shape })
    this.#bound.set(name, { array, value: tensor })
  }

  async run(
    values: Readonly<Record<string, ArrayValue>> = {},
    options: RunOptions = {},
  ): Promise<Record<string, ArrayValue>> {
    const session = this.#session
    if (!session) throw new Error('the program was released')
    const feeds = this.#feeds(values, options)
    const fetches: Record<string, Value | null> = {}
    for (const name of Object.keys(this.#outputs)) fetches[outputName(name)] = null
    for (const name of Object.keys(this.#updates)) {
      const bound = this.#bound.get(name)
      if (!bound) throw new InputError(`${name} is updated, but no array is bound to it`)
      fetches[updateName(name)] = this.#inPlace.has(name) ? bound.value : null
    }
    const running = session.run(feeds, fetches)
    this.#running.add(running)
    try {
      return this.#results(await running)
    } finally {
      this.#running.delete(running)
    }
  }

  #feeds(values: Readonly<Record<string, ArrayValue>>, options: RunOptions): Record<string, Value> {
    const sizes = new Map<string, number>()
    const feeds: Record<string, Value> = {}
    for (const [name, input] of this.#inputs) {
      if (input.random) continue
      const bound = this.#bound.get(name)
      const array = values[name] ?? bound?.array
      if (!array) throw new InputError(`the program needs an input ${name}`)
      if (input.sparse && name in values) throw new InputError(`${name} is sparse: an array has to be bound to it`)
      // Sparse arrays were checked when they were bound, and have no dimensions with names.
      if (!input.sparse) checkArray(name, input, array, sizes)
      feeds[name] = bound && array === bound.array ? bound.value : this.#value(input.dtype, array)
    }
    for (const name of Object.keys(values))
      if (!this.#inputs.has(name)) throw new InputError(`the program has no input ${name}`)
    for (const [name, input] of this.#inputs)
      if (input.random) feeds[name] = this.#value(input.dtype, this.#drawer.draw(input, input.random, sizes, options))
    for (const [name, { pattern }] of this.#masks) {
      const { mask, shape } = this.#patternArray(pattern)
      if (mask) feeds[name] = this.#value('bool', { data: mask, shape })
    }
    return feeds
  }

  /** A bound array that has a pattern. @throws InputError none has it, or two that differ */
  #patternArray(pattern: string): HostArray {
    const arrays = [...this.#bound].flatMap(([name, { array }]) => {
      const type = this.#inputs.get(name) ?? this.#updates[name]
      return type?.sparse?.pattern === pattern ? [array] : []
    })
    checkOnePattern(pattern, arrays)
    return arrays[0]
  }

  /** The outputs; updates that could not be written in place are copied into their arrays. */
  #results(results: InferenceSession.OnnxValueMapType): Record<string, ArrayValue> {
    for (const [name, { array }] of this.#bound) {
      if (!(name in this.#updates) || this.#inPlace.has(name)) continue
      // The same type, which bind has checked; TypeScript cannot pair the two unions.
      const target = array.whole as Float32Array
      target.set(results[updateName(name)].data as Float32Array)
    }
    return Object.fromEntries(
      Object.entries(this.#outputs).map(([name, { sparse }]) => {
        const { data, dims } = results[outputName(name)]
        const pattern = sparse && this.#patternArray(sparse.pattern).pattern
        const numbers = data as NumberArray
        return [
          name,
          pattern
            ? { data: keptOf(numbers, keptPlaces(pattern, dims[1])), shape: dims, pattern }
            : { data: numbers, shape: dims },
        ]
      }),
    )
  }

  #value(dtype: DType, { data, shape }: ArrayValue): Value {
    // One overload for each type of array; TypeScript cannot pair dtype with data's class.
    return new this.#runtime.Tensor(dtype, data as Float32Array, shape)
  }

  async release(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await Promise.allSettled(this.#running)
    await session?.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }
}
