/** Loops: a body's steps run once for each step, on slices that are pointed to and never copied. */
import { dependence, type LoopBody } from '../../graph/loop/body.ts'
import type { Node, Tensor } from '../../graph/tensor.ts'
import { sizeOf } from '../arrays.ts'
import { BYTES } from './memory.ts'
import { type Pointers, Scope, type Slot, type Value } from './scope.ts'

/** Adds a loop: its body is a scope of its own, whose steps run once for each step of the loop. */
export function lowerLoop(scope: Scope, node: Node, body: LoopBody): (Value | undefined)[] {
  const { memory, needed } = scope.shared
  const count = body.carries.length
  const initial = node.inputs.slice(0, count).map(x => scope.value(x))
  const scanned = node.inputs.slice(count, count + body.slices.length).map(x => scope.value(x))
  const inner = new Scope(scope.shared, scope, dependence([...body.carries, ...body.slices]))
  const pinned = (x: Tensor): Value => {
    const shape = scope.resolve(x.shape)
    const value = { slot: inner.slot(0, true), dtype: x.dtype, shape, size: sizeOf(shape) }
    inner.values.set(x, value)
    return value
  }
  const carries = body.carries.map(pinned)
  const slices = body.slices.map(pinned)
  const next = body.next.map(x => inner.value(x))
  const stacked = body.stacked.flatMap((x, i) =>
    needed.has(node.outputs[count + i])
      ? [{ item: inner.value(x), stack: scope.output(node, count + i), at: count + i }]
      : [],
  )
  const bytes = ({ size, dtype }: Value) => size * BYTES[dtype]

  // What is stacked is computed right where it is to be, if nothing else decides where that is.
  const moved: { slot: Slot; stack: Slot; bytes: number }[] = []
  const copied: { slot: Slot; stack: Slot; bytes: number }[] = []
  const own = ({ slot }: Value) => slot.scope === inner && !slot.pinned
  for (const { item, stack } of stacked) {
    const entry = { slot: item.slot, stack: stack.slot, bytes: bytes(item) }
    if (own(item)) {
      item.slot.pinned = true
      moved.push(entry)
    } else copied.push(entry)
  }
  // The next states alternate between two buffers, unless they are stacked and so stay by themselves.
  const moving = new Set(moved.map(({ slot }) => slot))
  const states = next.map((value, i) => {
    const stays = moving.has(value.slot)
    const buffers = stays ? [] : [0, 1].map(() => scope.buffer(value.dtype, value.shape).slot)
    const direct = !stays && own(value)
    if (direct) value.slot.pinned = true
    return { slot: value.slot, carry: carries[i].slot, bytes: bytes(value), buffers, direct, stays }
  })
  const last = next.map((value, i) => {
    const output = scope.buffer(value.dtype, value.shape)
    return { output, carry: carries[i].slot, bytes: bytes(value) }
  })
  const temporary = scope.slot(inner.allocate())
  const steps = inner.steps.map(({ run }) => run)
  const length = scanned[0].shape[0]
  const strides = slices.map(bytes)

  const copy = (to: number, from: number, size: number) => memory.bytes.copyWithin(to, from, from + size)
  const iterate = (p: Pointers, t: number, turn: number) => {
    slices.forEach(({ slot }, i) => {
      p[slot.index] = p[scanned[i].slot.index] + t * strides[i]
    })
    for (const { slot, stack, bytes } of moved) p[slot.index] = p[stack.index] + t * bytes
    for (const { slot, buffers, direct } of states) if (direct) p[slot.index] = p[buffers[turn].index]
    for (const run of steps) run(p)
    for (const { slot, stack, bytes } of copied) copy(p[stack.index] + t * bytes, p[slot.index], bytes)
    const places = states.map(({ slot, bytes, buffers, direct, stays }) => {
      if (direct || stays) return p[slot.index]
      copy(p[buffers[turn].index], p[slot.index], bytes)
      return p[buffers[turn].index]
    })
    states.forEach(({ carry }, i) => {
      p[carry.index] = places[i]
    })
  }
  const run = (p: Pointers) => {
    inner.activate(p, p[temporary.index])
    carries.forEach(({ slot }, i) => {
      p[slot.index] = p[initial[i].slot.index]
    })
    for (let i = 0; i < length; i++) iterate(p, body.reverse ? length - 1 - i : i, i % 2)
    for (const { output, carry, bytes } of last) copy(p[output.slot.index], p[carry.index], bytes)
  }
  scope.addSlots({
    run,
    reads: [...initial, ...scanned].map(({ slot }) => slot).concat([...inner.outerReads]),
    writes: [
      ...last.map(({ output }) => output.slot),
      ...stacked.map(({ stack }) => stack.slot),
      ...states.flatMap(({ buffers }) => buffers),
      temporary,
    ],
    reuse: [],
  })
  return node.outputs.map((_, i) => (i < count ? last[i].output : stacked.find(({ at }) => at === i)?.stack))
}
