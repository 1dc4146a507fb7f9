/** Plans under construction: values, the memory they will have, and the steps that compute them. */
import { InputError } from '../../errors.ts'
import { type InputAttributes, inputAttributes, placeholderOperator } from '../../graph/operators/source.ts'
import type { DType, Node, Shape, SparseType, Tensor } from '../../graph/tensor.ts'
import { sizeOf } from '../arrays.ts'
import { Arena } from './arena.ts'
import type { PlacedPattern } from './arrays.ts'
import type { Kernels } from './kernels.ts'
import { aligned, BYTES, type Memory } from './memory.ts'

/** Where each slot is now, by the slot's index. */
export type Pointers = number[]

/** A piece of memory: a part of the workspace, or (pinned) wherever a loop or the program points it to. */
export interface Slot {
  readonly index: number
  readonly bytes: number
  readonly scope: Scope
  pinned: boolean
  /** Whether it has to have its place before the first step: it is written before a run. */
  early: boolean
  /** From the beginning of the scope's part of the workspace. */
  offset: number
  /** The first and the last of the scope's steps that need it. */
  first: number
  last: number
}

/** An array of known shape. Values that differ in shape alone share a slot. */
export interface Value {
  readonly slot: Slot
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly size: number
  /** Set where there are the numbers of a pattern alone: then the shape is how many. */
  readonly pattern?: PlacedPattern
  /** Whether the numbers lie in panels: panels.ts. */
  readonly inPanels?: boolean
}

export interface Step {
  readonly run: (p: Pointers) => void
  readonly reads: readonly Slot[]
  readonly writes: readonly Slot[]
  /** Needed during the step alone. */
  readonly scratch?: readonly Slot[]
  /** Slots of operands that a result may be written over: it has the same bytes, and is computed number by number. */
  readonly reuse: readonly Slot[]
  /** The results for which that is so; default: the first of `writes`. */
  readonly over?: readonly Slot[]
}

/** Whether a step may write a result where an operand is. */
export function mayReplace({ reuse, over, writes }: Step, operand: Slot, result: Slot): boolean {
  return reuse.includes(operand) && (over ?? writes.slice(0, 1)).includes(result)
}

/** What all scopes of a plan share. */
export interface Shared {
  readonly kernels: Kernels
  readonly memory: Memory
  /** Sizes of named dimensions. */
  readonly sizes: Map<string, number>
  /** What the program needs: outputs of loops that are not among it are not stacked. */
  readonly needed: ReadonlySet<Tensor>
  readonly slots: Slot[]
  /** By name. */
  readonly patterns: ReadonlyMap<string, PlacedPattern>
  readonly input: (attributes: InputAttributes, scope: Scope) => Value
  /** Adds the steps that compute a tensor. @returns the outputs of its node, but for those that are not computed yet */
  readonly lower: (scope: Scope, x: Tensor) => (Value | undefined)[]
  readonly layouts: Layouts
}

/** Adds the step that lays out an array in the other way: panels.ts. */
export interface Layouts {
  toPanels(scope: Scope, x: Value): Value
  toRows(scope: Scope, x: Value): Value
}

/** One level of a plan: the program, or a loop's body. */
export class Scope {
  readonly steps: Step[] = []
  readonly values = new Map<Tensor, Value>()
  /** Slots of the scopes around it that its steps read. */
  readonly outerReads = new Set<Slot>()
  readonly #slots: Slot[] = []
  /** Of tensors that are in panels, be it alone or besides. */
  readonly #panels = new Map<Tensor, Value>()
  readonly #derived = new Map<Tensor, Map<string, Value>>()

  constructor(
    readonly shared: Shared,
    readonly outer?: Scope,
    readonly owns: (x: Tensor) => boolean = () => true,
  ) {}

  get kernels(): Kernels {
    return this.shared.kernels
  }
  get memory(): Memory {
    return this.shared.memory
  }

  slot(bytes: number, pinned = false): Slot {
    const index = this.shared.slots.length
    const slot: Slot = {
      index,
      bytes: aligned(bytes),
      scope: this,
      pinned,
      early: false,
      offset: 0,
      first: -1,
      last: -1,
    }
    this.shared.slots.push(slot)
    this.#slots.push(slot)
    return slot
  }

  /** A new value, in the workspace. */
  buffer(dtype: DType, shape: readonly number[]): Value {
    const size = sizeOf(shape)
    return { slot: this.slot(size * BYTES[dtype]), dtype, shape, size }
  }

  /** A new value for an output of a node. */
  output(node: Node, output = 0): Value {
    const { dtype, shape, sparse } = node.outputs[output]
    if (sparse) {
      const pattern = this.pattern(sparse)
      return { ...this.buffer(dtype, [pattern.kept]), pattern }
    }
    return this.buffer(dtype, this.resolve(shape))
  }

  pattern({ pattern: name }: SparseType): PlacedPattern {
    const found = this.shared.patterns.get(name)
    if (!found) throw new InputError(`no array of pattern ${name} is bound`)
    return found
  }

  resolve(shape: Shape): number[] {
    return shape.map(dim => {
      const size = typeof dim === 'number' ? dim : this.shared.sizes.get(dim)
      if (size === undefined) throw new Error(`no input of the program has a dimension ${dim}`)
      return size
    })
  }

  /** Adds a step. @param reuse operands that the result may be written over */
  add(run: Step['run'], reads: readonly Value[], writes: readonly Value[], reuse: readonly Value[] = []): void {
    const slots = (values: readonly Value[]) => values.map(({ slot }) => slot)
    this.addSlots({ run, reads: slots(reads), writes: slots(writes), reuse: slots(reuse) })
  }

  addSlots(step: Step): void {
    const at = this.steps.push(step) - 1
    for (const slot of [...step.reads, ...step.writes, ...(step.scratch ?? [])])
      if (slot.scope === this) {
        if (slot.first < 0) slot.first = at
        slot.last = Math.max(slot.last, at)
      } else this.outerReads.add(slot)
  }

  /** The value of a tensor, row by row, whose steps are added first where they are not yet. */
  value(x: Tensor): Value {
    if (this.outer && !this.owns(x)) return this.outer.value(x)
    this.#compute(x)
    return this.values.get(x) ?? this.keep(x, this.shared.layouts.toRows(this, this.#known(x)))
  }

  /** The value of a tensor in panels. */
  panels(x: Tensor): Value {
    if (this.outer && !this.owns(x)) return this.outer.panels(x)
    this.#compute(x)
    return this.#panels.get(x) ?? this.keep(x, this.shared.layouts.toPanels(this, this.#known(x)))
  }

  /** The value of a tensor as it was computed: in panels or row by row. */
  asComputed(x: Tensor): Value {
    if (this.outer && !this.owns(x)) return this.outer.asComputed(x)
    this.#compute(x)
    return this.#known(x)
  }

  #known(x: Tensor): Value {
    const value = this.#panels.get(x) ?? this.values.get(x)
    if (!value) throw new Error(`${x} was not computed`)
    return value
  }

  /** Notes the value of a tensor, in panels or row by row. */
  keep(x: Tensor, value: Value): Value {
    const values = value.inPanels ? this.#panels : this.values
    values.set(x, value)
    return value
  }

  #compute(x: Tensor): void {
    if (this.values.has(x) || this.#panels.has(x)) return
    const { node } = x
    const read = inputAttributes(node)
    if (node.operator === placeholderOperator) throw new Error(`${x} is used outside its loop`)
    const values = read ? [this.shared.input(read, this)] : this.shared.lower(this, x)
    values.forEach((value, i) => {
      if (value) this.keep(node.outputs[i], value)
    })
  }

  /** Something made of a tensor once and used many times, a layout of it: kept beside it, outside of loops it does not change in. */
  derived(x: Tensor, key: string, make: (scope: Scope) => Value): Value {
    if (this.outer && !this.owns(x)) return this.outer.derived(x, key, make)
    let known = this.#derived.get(x)
    if (!known) {
      known = new Map()
      this.#derived.set(x, known)
    }
    let value = known.get(key)
    if (!value) {
      value = make(this)
      known.set(key, value)
    }
    return value
  }

  /** Gives every slot its place, as low as the slots that live at the same time allow. @returns the bytes needed */
  allocate(): number {
    const starting = new Map<number, Slot[]>()
    const ending = new Map<number, Slot[]>()
    for (const slot of this.#slots) {
      if (slot.pinned) continue
      const first = slot.early ? -1 : slot.first
      starting.set(first, [...(starting.get(first) ?? []), slot])
      ending.set(slot.last, [...(ending.get(slot.last) ?? []), slot])
    }
    const arena = new Arena()
    const replaced = new Set<Slot>()
    for (let at = -1; at < this.steps.length; at++) {
      const step = this.steps[at]
      for (const slot of starting.get(at) ?? []) {
        const over = step?.reuse.find(
          other =>
            mayReplace(step, other, slot) &&
            other.scope === this &&
            !other.pinned &&
            other.last === at &&
            other.bytes === slot.bytes &&
            !replaced.has(other),
        )
        if (over) {
          slot.offset = over.offset
          replaced.add(over)
        } else slot.offset = arena.take(slot.bytes)
      }
      for (const slot of ending.get(at) ?? []) if (!replaced.has(slot)) arena.give(slot.offset, slot.bytes)
    }
    return arena.bytes
  }

  /** Points the slots of this scope to their places. @param base where the scope's part of the workspace begins */
  activate(p: Pointers, base: number): void {
    for (const slot of this.#slots) if (!slot.pinned) p[slot.index] = base + slot.offset
  }
}
