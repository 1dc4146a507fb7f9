/** A program's plan for inputs of given shapes: steps in order, and the memory they share. */
import { loopBody } from '../../graph/loop/body.ts'
import { type InputAttributes, inputAttributes } from '../../graph/operators/source.ts'
import { dropoutLevels, Random } from '../../graph/random.ts'
import type { Node, Tensor } from '../../graph/tensor.ts'
import { sizeOf } from '../arrays.ts'
import type { ProgramSource, RunOptions } from '../backend.ts'
import type { PlacedPattern } from './arrays.ts'
import type { FusedRegions } from './fusion/index.ts'
import { DRAWN, type Kernels } from './kernels.ts'
import { lowerLoop } from './loop.ts'
import { lowering } from './lowerings/index.ts'
import { BYTES, type Memory } from './memory.ts'
import { toPanels, toRows } from './panels.ts'
import { mayReplace, type Pointers, Scope, type Shared, type Slot, type Value } from './scope.ts'

/** A plan is made for these: sizes of dimensions, and the inputs that are copied into the workspace at each run. */
export interface PlanInputs {
  readonly sizes: ReadonlyMap<string, number>
  readonly fed: ReadonlySet<string>
  readonly patterns: ReadonlyMap<string, PlacedPattern>
}

/** Tensors that a program needs, and its inputs by name. */
export interface Needs {
  readonly tensors: ReadonlySet<Tensor>
  readonly inputs: ReadonlyMap<string, InputAttributes>
}

/** What is reached from a program's outputs and updates; of a loop, only the stacks that something uses. */
export function needsOf({ outputs, updates = {} }: ProgramSource): Needs {
  const tensors = new Set<Tensor>()
  const nodes = new Set<Node>()
  const inputs = new Map<string, InputAttributes>()
  const visit = (x: Tensor) => {
    if (tensors.has(x)) return
    tensors.add(x)
    const { node } = x
    const body = loopBody(node)
    const stack = body?.stacked[x.output - body.carries.length]
    if (stack) visit(stack)
    if (nodes.has(node)) return
    nodes.add(node)
    const read = inputAttributes(node)
    if (read) inputs.set(read.name, read)
    node.inputs.forEach(visit)
    body?.next.forEach(visit)
  }
  for (const x of [...Object.values(outputs), ...Object.values(updates)]) visit(x)
  return { tensors, inputs }
}

export class Plan {
  /** Bytes of the workspace. */
  readonly bytes: number
  readonly outputs: ReadonlyMap<string, Value>
  /** Updates that are copied over their arrays when all steps are done. */
  readonly copied: ReadonlyMap<string, Value>
  readonly inputs = new Map<string, Value>()
  readonly draw = { seed: 0, step: 0 }
  readonly #pointers: Pointers = []
  readonly #root: Scope
  /** Slots that are where an input's array is: the input itself, and updates that are computed right there. */
  readonly #placed = new Map<string, Slot[]>()
  #base = -1

  constructor(
    kernels: Kernels,
    memory: Memory,
    source: ProgramSource,
    needs: Needs,
    inputs: PlanInputs,
    fused: FusedRegions,
  ) {
    const shared: Shared = {
      kernels,
      memory,
      sizes: new Map(inputs.sizes),
      patterns: inputs.patterns,
      needed: needs.tensors,
      slots: [],
      layouts: { toPanels, toRows },
      input: (input, scope) => this.#input(input, scope, inputs.fed),
      lower: (scope, x) => {
        const { node } = x
        const body = loopBody(node)
        if (body) return lowerLoop(scope, node, body)
        if (fused.has(x)) return fused.lower(scope, x)
        const { lower, asks } = lowering(node.operator)
        const inputs = asks ? [] : node.inputs.map(input => scope.value(input))
        return lower(scope, inputs, node, x.output)
      },
    }
    const root = new Scope(shared)
    this.#root = root
    const values = (tensors: Readonly<Record<string, Tensor>>) =>
      new Map(Object.entries(tensors).map(([name, x]) => [name, root.value(x)]))
    this.outputs = values(source.outputs)
    const updates = values(source.updates ?? {})
    for (const name of updates.keys()) if (!this.#placed.has(name)) this.#placed.set(name, [])
    this.copied = this.#updatesToCopy(updates)
    this.bytes = root.allocate()
  }

  #input(input: InputAttributes, scope: Scope, fed: ReadonlySet<string>): Value {
    const { name, dtype, random } = input
    const pattern = input.sparse && scope.pattern(input.sparse)
    const shape = pattern ? [pattern.kept] : scope.resolve(input.shape)
    if (random) {
      const mask = scope.buffer(dtype, shape)
      const { rate, stream } = random
      const units = Math.ceil(mask.size / DRAWN)
      const run = (p: Pointers) => {
        const { seed, step } = this.draw
        const to = p[mask.slot.index]
        if (dtype === 'float32') {
          const [threshold, keep] = dropoutLevels(rate)
          scope.kernels.divide('dropoutMask', units, 12 * DRAWN, to, mask.size, seed, stream, step, threshold, keep)
        } else {
          const view = scope.memory.view(dtype, to, mask.size) as Float64Array
          new Random(seed, stream, step).fillDropout(view, rate)
        }
      }
      scope.add(run, [], [mask])
      return mask
    }
    const isFed = fed.has(name)
    const size = sizeOf(shape)
    const slot = scope.slot(isFed ? size * BYTES[dtype] : 0, !isFed)
    slot.early = true
    if (!isFed) this.#placed.set(name, [slot])
    const value = { slot, dtype, shape, size, pattern }
    this.inputs.set(name, value)
    return value
  }

  /**
   * Lets updates be computed where their arrays are, if everything that reads the old values has read them before, or
   * reads them in the same step, number by number. The others are copied there at the end.
   */
  #updatesToCopy(updates: ReadonlyMap<string, Value>): Map<string, Value> {
    const ends = new Set([...this.outputs.values(), ...updates.values()].map(({ slot }) => slot))
    const copied = new Map<string, Value>()
    const { steps } = this.#root
    for (const [name, value] of updates) {
      const { slot } = value
      const at = steps.findIndex(({ writes }) => writes.includes(slot))
      const old = this.inputs.get(name)?.slot
      const read = old ? old.last : -1
      const free = !old || (!ends.has(old) && (read < at || (read === at && mayReplace(steps[at], old, slot))))
      if (slot.scope === this.#root && !slot.pinned && at >= 0 && free) {
        slot.pinned = true
        this.#placed.get(name)?.push(slot)
      } else copied.set(name, value)
    }
    // What is read at the end lives until then.
    for (const slot of ends) slot.last = steps.length
    return copied
  }

  /** Where an input or an output is, after {@link activate}. */
  pointer({ slot }: Value): number {
    return this.#pointers[slot.index]
  }

  /** Tells where the workspace and the bound arrays are. */
  activate(base: number, bound: ReadonlyMap<string, number>): void {
    if (this.#base !== base) this.#root.activate(this.#pointers, base)
    this.#base = base
    for (const [name, slots] of this.#placed)
      for (const slot of slots) this.#pointers[slot.index] = bound.get(name) ?? 0
  }

  run({ seed = 0, step = 0 }: RunOptions): void {
    this.draw.seed = seed
    this.draw.step = step
    for (const { run } of this.#root.steps) run(this.#pointers)
  }
}
