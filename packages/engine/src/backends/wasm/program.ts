/** Programs in WebAssembly: arrays are bound by pointer, and each set of shapes has a plan. */
import { InputError } from '../../errors.ts'
import { topKOperator } from '../../graph/operators/indexing.ts'
import { type InputAttributes, inputAttributes } from '../../graph/operators/source.ts'
import { checkArray, checkOnePattern } from '../arrays.ts'
import type { ArrayValue, DeviceArray, NumberArray, Program, ProgramSource, RunOptions } from '../backend.ts'
import { type PlacedPattern, WasmArray } from './arrays.ts'
import type { FusedRegions, Fusion } from './fusion/index.ts'
import type { Kernels } from './kernels.ts'
import type { Memory } from './memory.ts'
import { type Needs, needsOf, Plan } from './plan.ts'
import type { Value } from './scope.ts'

/** Plans that are kept, those used longest ago dropped first: batches come in this many shapes and few more. */
const KEPT_PLANS = 128

export class WasmProgram implements Program {
  readonly #memory: Memory
  readonly #kernels: Kernels
  readonly #source: ProgramSource
  readonly #needs: Needs
  readonly #fused: FusedRegions
  readonly #bound = new Map<string, WasmArray>()
  /** Arrays that were placed by the program itself and end with it. */
  readonly #own = new Set<WasmArray>()
  readonly #plans = new Map<string, Plan>()
  /** Inputs whose values, not only whose shapes, decide about the shapes of others. */
  readonly #counts: ReadonlySet<string>
  #workspace = { pointer: 0, bytes: 0 }
  #released = false

  private constructor(memory: Memory, kernels: Kernels, source: ProgramSource, needs: Needs, fused: FusedRegions) {
    this.#memory = memory
    this.#kernels = kernels
    this.#source = source
    this.#needs = needs
    this.#fused = fused
    this.#counts = countInputs(this.#needs)
  }

  static async compile(memory: Memory, kernels: Kernels, fusion: Fusion, source: ProgramSource): Promise<WasmProgram> {
    const needs = needsOf(source)
    const fused = await fusion.prepare(source, needs.tensors)
    return new WasmProgram(memory, kernels, source, needs, fused)
  }

  get inputNames(): string[] {
    return [...this.#needs.inputs].filter(([, { random }]) => !random).map(([name]) => name)
  }

  bind(name: string, value: ArrayValue | DeviceArray): void {
    const type = this.#needs.inputs.get(name) ?? this.#source.updates?.[name]
    if (!type) return
    if ('data' in value) {
      checkArray(name, type, value)
      const placed = new WasmArray(this.#memory, value)
      this.#own.add(placed)
      this.#rebind(name, placed)
    } else {
      if (!(value instanceof WasmArray) || value.memory !== this.#memory)
        throw new InputError(`the array for ${name} was placed by another backend`)
      checkArray(name, type, { data: value.view(), shape: value.shape, pattern: value.pattern })
      this.#rebind(name, value)
    }
  }

  #rebind(name: string, array: WasmArray): void {
    const before = this.#bound.get(name)
    this.#bound.set(name, array)
    if (before && this.#own.delete(before)) before.release()
  }

  async run(
    values: Readonly<Record<string, ArrayValue>> = {},
    options: RunOptions = {},
  ): Promise<Record<string, ArrayValue>> {
    if (this.#released) throw new Error('the program was released')
    this.#kernels.check()
    const plan = this.#planFor(values)
    const pointers = new Map([...this.#bound].map(([name, { pointer }]) => [name, pointer]))
    plan.activate(this.#workspaceOf(plan.bytes), pointers)
    for (const [name, value] of plan.inputs) {
      const given = values[name]
      if (given) this.#memory.write(plan.pointer(value), given.data)
    }
    plan.run(options)
    const results = Object.fromEntries(
      [...plan.outputs].map(([name, value]) => [name, this.#output(plan, name, value)]),
    )
    this.#copyUpdates(plan)
    return results
  }

  /** The plan for the inputs given and bound. @throws InputError where they do not fit */
  #planFor(values: Readonly<Record<string, ArrayValue>>): Plan {
    const sizes = new Map<string, number>()
    const fed = new Set<string>()
    const key: string[] = []
    for (const [name, input] of this.#needs.inputs) {
      if (input.random) continue
      const array = this.#inputFor(name, values)
      if (input.sparse && values[name]) throw new InputError(`${name} is sparse: an array has to be bound to it`)
      // Sparse arrays were checked when they were bound, and have no dimensions with names.
      if (!input.sparse) checkArray(name, input, array, sizes)
      if (values[name]) fed.add(name)
      key.push(`${values[name] ? '' : '='}${array.shape}`)
      if (!this.#counts.has(name)) continue
      sizes.set('count', Number(array.data[0]))
      key.push(`count ${array.data[0]}`)
    }
    for (const name of Object.keys(values))
      if (!this.#needs.inputs.has(name)) throw new InputError(`the program has no input ${name}`)
    for (const name of Object.keys(this.#source.updates ?? {}))
      if (!this.#bound.has(name)) throw new InputError(`${name} is updated, but no array is bound to it`)
    const patterns = this.#patterns()
    for (const { id } of patterns.values()) key.push(`pattern ${id}`)
    return this.#cached(key.join(';'), () => {
      return new Plan(this.#kernels, this.#memory, this.#source, this.#needs, { sizes, fed, patterns }, this.#fused)
    })
  }

  /** The patterns of the bound arrays, by name. @throws InputError two arrays differ */
  #patterns(): Map<string, PlacedPattern> {
    const arrays = new Map<string, WasmArray[]>()
    for (const [name, array] of this.#bound) {
      const pattern = (this.#needs.inputs.get(name) ?? this.#source.updates?.[name])?.sparse?.pattern
      if (pattern !== undefined) arrays.set(pattern, [...(arrays.get(pattern) ?? []), array])
    }
    const patterns = new Map<string, PlacedPattern>()
    for (const [name, sharing] of arrays) {
      checkOnePattern(name, sharing)
      const { placed } = sharing[0]
      if (placed) patterns.set(name, placed)
    }
    return patterns
  }

  #inputFor(name: string, values: Readonly<Record<string, ArrayValue>>): ArrayValue {
    const given = values[name]
    if (given) return given
    const bound = this.#bound.get(name)
    if (!bound) throw new InputError(`the program needs an input ${name}`)
    return { data: bound.view(), shape: bound.shape }
  }

  #cached(key: string, make: () => Plan): Plan {
    const plan = this.#plans.get(key) ?? make()
    this.#plans.delete(key)
    this.#plans.set(key, plan)
    if (this.#plans.size > KEPT_PLANS)
      for (const oldest of [...this.#plans.keys()].slice(0, 1)) this.#plans.delete(oldest)
    return plan
  }

  /** A pointer to as many bytes, which all plans share. */
  #workspaceOf(bytes: number): number {
    if (bytes > this.#workspace.bytes) {
      this.#memory.free(this.#workspace.pointer)
      this.#workspace = { pointer: 0, bytes: 0 }
      this.#workspace = { pointer: this.#memory.allocate(bytes), bytes }
    }
    return this.#workspace.pointer
  }

  #output(plan: Plan, name: string, value: Value): ArrayValue {
    const read = this.#read(plan, value)
    if (!value.pattern) return read
    // The shape of a sparse array is known while tracing.
    return { data: read.data, shape: this.#source.outputs[name].shape as number[], pattern: value.pattern.pattern }
  }

  #read(plan: Plan, value: Value): ArrayValue {
    const { dtype, size, shape } = value
    return { data: this.#memory.view(dtype, plan.pointer(value), size).slice(), shape }
  }

  #copyUpdates(plan: Plan): void {
    // All are read before any is written: an update may be another array that is updated as well.
    const copies = [...plan.copied].map(([name, value]): [string, NumberArray] => [name, this.#read(plan, value).data])
    for (const [name, data] of copies) {
      const array = this.#bound.get(name)
      if (array) this.#memory.write(array.pointer, data)
    }
  }

  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    for (const array of this.#own) array.release()
    this.#memory.free(this.#workspace.pointer)
    this.#plans.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }
}

/** The names of the inputs that say how many numbers a `topK` takes. */
function countInputs({ tensors }: Needs): Set<string> {
  const names = new Set<string>()
  for (const { node } of tensors) {
    if (node.operator !== topKOperator) continue
    const read: InputAttributes | undefined = inputAttributes(node.inputs[1].node)
    if (!read) throw new InputError('the count of topK has to be an input of the program here')
    names.add(read.name)
  }
  return names
}
