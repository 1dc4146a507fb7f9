/** Programs: expressions compiled to an ONNX Runtime session, with arrays bound to them. */
import { InferenceSession, Tensor as Value } from 'onnxruntime-node'
import { emit, outputName } from './emit.ts'
import { InputError } from './errors.ts'
import { encodeModel } from './onnx.ts'
import { type InputAttributes, inputOperator } from './operators/source.ts'
import { Random } from './random.ts'
import type { DType, Node, Shape, Tensor } from './tensor.ts'

export type NumberArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

/** Numbers and their shape. */
export interface ArrayValue {
  readonly data: NumberArray
  readonly shape: readonly number[]
}

export interface CompileOptions {
  /** Outputs by name: what {@link Program.run} returns. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /**
   * New values of bound inputs, by the input's name: written over the bound array, in place, with no second copy. So
   * whatever else reads the input has to be needed by the update (clipping by the global gradient norm makes sure of
   * that for gradients); compiling refuses a program in which it is not.
   */
  readonly updates?: Readonly<Record<string, Tensor>>
  /** Threads inside an operator; default: as many as there are cores. */
  readonly threads?: number
  /** ONNX Runtime's execution providers, in order of preference; default: the CPU. */
  readonly executionProviders?: readonly string[]
}

export interface RunOptions {
  /** What random masks are drawn from: the same seed and step draw the same masks. */
  readonly seed?: number
  readonly step?: number
}

/** Compiles expressions to a program. */
export async function compile(options: CompileOptions): Promise<Program> {
  const updates = options.updates ?? {}
  for (const [name, tensor] of Object.entries(updates))
    checkReads(name, tensor, Object.values(options.outputs).concat(Object.values(updates)))
  const targets = new Map<string, Tensor>()
  for (const [name, tensor] of Object.entries(options.outputs)) targets.set(outputName(name), tensor)
  for (const [name, tensor] of Object.entries(updates)) targets.set(updateName(name), tensor)
  const { graph, inputs } = emit(targets)
  const session = await InferenceSession.create(encodeModel(graph), {
    executionProviders: [...(options.executionProviders ?? ['cpu'])],
    graphOptimizationLevel: 'all',
    enableMemPattern: false,
    intraOpNumThreads: options.threads ?? 0,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '1' }, set_denormal_as_zero: '1' } },
  })
  return new Program(session, inputs, Object.keys(options.outputs), Object.keys(updates))
}

/** Refuses an update in place that something could read too late. */
function checkReads(name: string, update: Tensor, outputs: readonly Tensor[]): void {
  const precedes = reachable([update])
  for (const node of reachable(outputs)) {
    const late = node.inputs.find(({ node: read }) => {
      return read.operator === inputOperator && (read.attributes as InputAttributes).name === name
    })
    if (late && !precedes.has(node))
      throw new Error(`${node.operator.name} reads ${name}, which is updated in place: the update has to depend on it`)
  }
}

function reachable(outputs: readonly Tensor[]): Set<Node> {
  const found = new Set<Node>()
  const visit = ({ node }: Tensor) => {
    if (found.has(node)) return
    found.add(node)
    node.inputs.forEach(visit)
  }
  outputs.forEach(visit)
  return found
}

// An update is called as its input is; inside the graph it needs a name of its own, as an output does.
const updateName = (name: string) => `update/${name}`

/** A compiled program. Arrays that stay (parameters) are bound once; the others are given at each run. */
export class Program {
  readonly #session: InferenceSession
  readonly #inputs: ReadonlyMap<string, InputAttributes>
  readonly #outputs: readonly string[]
  readonly #updates: readonly string[]
  readonly #bound = new Map<string, ArrayValue & { value: Value }>()
  readonly #masks = new Map<string, Float32Array | Float64Array>()

  constructor(
    session: InferenceSession,
    inputs: ReadonlyMap<string, InputAttributes>,
    outputs: readonly string[],
    updates: readonly string[],
  ) {
    this.#session = session
    this.#inputs = inputs
    this.#outputs = outputs
    this.#updates = updates
  }

  /** The names of the inputs that the program needs, random masks left out. */
  get inputNames(): string[] {
    return [...this.#inputs].filter(([, { random }]) => !random).map(([name]) => name)
  }

  /** Binds an array to an input for all runs to come; updates are written into this very array. */
  bind(name: string, value: ArrayValue): void {
    const input = this.#inputs.get(name)
    if (!input) return
    checkShape(name, input, value, new Map())
    this.#bound.set(name, { ...value, value: runtimeValue(input.dtype, value) })
  }

  /**
   * Runs the program.
   * @param values the inputs that are not bound, by name
   * @returns the outputs by name
   * @throws InputError an input missing, unknown, or of another shape than traced
   */
  async run(
    values: Readonly<Record<string, ArrayValue>> = {},
    options: RunOptions = {},
  ): Promise<Record<string, ArrayValue>> {
    const sizes = new Map<string, number>()
    const feeds: Record<string, Value> = {}
    for (const [name, input] of this.#inputs) {
      if (input.random) continue
      const bound = this.#bound.get(name)
      const given = values[name] ?? bound
      if (!given) throw new InputError(`the program needs an input ${name}`)
      checkShape(name, input, given, sizes)
      feeds[name] = given === bound ? bound!.value : runtimeValue(input.dtype, given)
    }
    for (const name of Object.keys(values))
      if (!this.#inputs.has(name)) throw new InputError(`the program has no input ${name}`)
    this.#drawMasks(feeds, sizes, options)
    const fetches: Record<string, Value | null> = {}
    for (const name of this.#outputs) fetches[outputName(name)] = null
    for (const name of this.#updates) fetches[updateName(name)] = this.#bound.get(name)?.value ?? null
    const results = await this.#session.run(feeds, fetches)
    return Object.fromEntries(
      this.#outputs.map(name => {
        const { data, dims } = results[outputName(name)]
        return [name, { data: data as NumberArray, shape: dims }]
      }),
    )
  }

  #drawMasks(
    feeds: Record<string, Value>,
    sizes: ReadonlyMap<string, number>,
    { seed = 0, step = 0 }: RunOptions,
  ): void {
    for (const [name, input] of this.#inputs) {
      if (!input.random) continue
      const shape = input.shape.map(dim => (typeof dim === 'number' ? dim : sizes.get(dim)!))
      const size = shape.reduce((a, b) => a * b, 1)
      let store = this.#masks.get(name)
      if (!store || store.length < size) {
        store = input.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size)
        this.#masks.set(name, store)
      }
      const data = store.subarray(0, size)
      new Random(seed, input.random.stream, step).fillDropout(data, input.random.rate)
      feeds[name] = runtimeValue(input.dtype, { data, shape })
    }
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await this.#session.release()
  }
}

function runtimeValue(dtype: DType, { data, shape }: ArrayValue): Value {
  return new Value(dtype, data as Float32Array, shape)
}

/** Checks an array against the shape an input was traced with, and learns the sizes of named dimensions. */
export function checkShape(
  name: string,
  input: { shape: Shape },
  { data, shape }: ArrayValue,
  sizes: Map<string, number>,
): void {
  const fail = (what: string): never => {
    throw new InputError(`input ${name}: [${shape}] does not fit [${input.shape.join(', ')}]: ${what}`)
  }
  if (shape.length !== input.shape.length) fail('another number of axes')
  if (shape.reduce((a, b) => a * b, 1) !== data.length) fail(`${data.length} numbers given`)
  shape.forEach((size, axis) => {
    const dim = input.shape[axis]
    const known = typeof dim === 'number' ? dim : sizes.get(dim)
    if (known !== undefined && known !== size) fail(`axis ${axis} is ${size}, ${dim} is ${known}`)
    if (typeof dim === 'string') sizes.set(dim, size)
  })
}
