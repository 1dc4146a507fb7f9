/** Loops: a body's steps run once for each step, on slices that are pointed to and never copied. */
import { dependence, type LoopBody } from '../../graph/loop/body.ts'
import type { Node, Tensor } from '../../graph/tensor.ts'
import { sizeOf } from '../arrays.ts'
import { BYTES } from './memory.ts'
import { LANES, panelBuffer } from './panels.ts'
import { type Pointers, Scope, type Slot, type Value } from './scope.ts'

/** Adds a loop: its body is a scope of its own, whose steps run once for each step of the loop. */
export function lowerLoop(scope: Scope, node: Node, body: LoopBody): (Value | undefined)[] {
  const { memory, needed } = scope.shared
  const count = body.carries.length
  const forms = formsOf(scope, node, body)
  const inner = new Scope(scope.shared, scope, dependence([...body.carries, ...body.slices]))
  const pinned = (x: Tensor, inPanels: boolean): Value => {
    const shape = scope.resolve(x.shape)
    return inner.keep(x, { slot: inner.slot(0, true), dtype: x.dtype, shape, size: sizeOf(shape), inPanels })
  }
  const given = (x: Tensor, i: number) => (forms[i] ? scope.panels(x) : scope.value(x))
  const initial = node.inputs.slice(0, count).map(given)
  const scanned = node.inputs.slice(count, count + body.slices.length).map((x, i) => given(x, count + i))
  const carries = body.carries.map((x, i) => pinned(x, forms[i]))
  const slices = body.slices.map((x, i) => pinned(x, forms[count + i]))
  const next = body.next.map((x, i) => (forms[i] ? inner.panels(x) : inner.value(x)))
  const stacked = body.stacked.flatMap((x, i) => {
    const output = node.outputs[count + i]
    if (!needed.has(output)) return []
    const whole = fillsPanels(scope, x) && inner.asComputed(x).inPanels
    const item = whole ? inner.panels(x) : inner.value(x)
    const shape = scope.resolve(output.shape)
    const stack = whole ? panelBuffer(scope, shape) : scope.buffer(x.dtype, shape)
    return [{ item, stack, at: count + i }]
  })
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
    const output = { ...scope.buffer(value.dtype, value.shape), inPanels: forms[i] }
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

/** Whether the rows of an array fill panels, so that a stack of such arrays in panels is one in panels. */
function fillsPanels(scope: Scope, { dtype, shape }: Tensor): boolean {
  return dtype === 'float32' && shape.length > 1 && sizeOf(scope.resolve(shape.slice(0, -1))) % LANES === 0
}

/** For each carried state and each slice, whether it is in panels: where the body has a sparse product, which takes and gives them. */
function formsOf(scope: Scope, node: Node, body: LoopBody): boolean[] {
  const states = hasSparseProduct(body)
  return [...body.carries, ...body.slices].map(
    (x, i) =>
      fillsPanels(scope, x) &&
      x.shape.at(-1) !== 1 &&
      (states || (i >= body.carries.length && scope.asComputed(node.inputs[i]).inPanels === true)),
  )
}

function hasSparseProduct({ carries, slices, next, stacked }: LoopBody): boolean {
  const depends = dependence([...carries, ...slices])
  const seen = new Set<Node>()
  const visit = (x: Tensor): boolean => {
    if (!depends(x) || seen.has(x.node)) return false
    seen.add(x.node)
    const { operator, inputs } = x.node
    return (operator.product && inputs.some(input => input.sparse)) || inputs.some(visit)
  }
  return [...next, ...stacked].some(visit)
}
