/** The gradient of a loop: another loop, in the other direction. */
import { add, mul, mulOperator } from '../operators/elementwise.ts'
import { fill, placeholder } from '../operators/source.ts'
import { type Cotangents, type Node, sameShape, Tensor, type Vjp } from '../tensor.ts'
import { dependence, type LoopBody, substitution, varyingTensors } from './body.ts'
import { LoopFission } from './fission.ts'

/**
 * The gradient of a loop: a loop in the other direction that carries the cotangents of the states. What its body needs
 * of the forward body's values (gates, states) the forward loop is made to stack.
 */
export function scanGradient(node: Node<LoopBody>, cotangents: Cotangents, vjp: Vjp): (Tensor | undefined)[] {
  const body = node.attributes
  const count = body.carries.length
  const scanned = node.inputs.slice(count, count + body.slices.length)
  const constants = node.inputs.slice(count + body.slices.length)

  // One backward step, as an expression over the forward body's tensors and the cotangents that arrive.
  const carried = body.carries.map(x => placeholder(x.dtype, x.shape))
  const outer: Tensor[] = []
  const arriving: (Tensor | undefined)[] = body.stacked.map((x, i) => {
    const g = cotangents[count + i]
    if (!g) return undefined
    outer.push(g)
    return placeholder(x.dtype, x.shape)
  })
  const slices = arriving.filter(x => x !== undefined)
  const inputs = [...body.carries, ...body.slices, ...constants]
  const pulled = vjp([...body.next, ...body.stacked], [...carried, ...arriving], inputs)

  // Forward values become slices of what the forward loop scans or stacks.
  const forward = varyingTensors(body)
  const residuals = new Map<Tensor, Tensor>()
  const localise = substitution(x => {
    if (!forward.has(x)) return undefined
    let slice = residuals.get(x)
    if (!slice) {
      slice = placeholder(x.dtype, x.shape)
      residuals.set(x, slice)
      slices.push(slice)
      outer.push(residualStack(node, x, scanned))
    }
    return slice
  })
  const regroup = regrouping(dependence(carried))
  const local = pulled.map(x => x && regroup(localise(x)))

  const initial = body.carries.map((x, i) => cotangents[i] ?? fill(0, x.shape, x.dtype))
  const next = body.carries.map((x, i) => local[i] ?? fill(0, x.shape, x.dtype))
  return backwardLoop(node, { initial, carried, next, outer, slices, local })
}

/**
 * Products a·x·b, number by number, of which x alone changes with the carried state, become x·(a·b): what is in the
 * brackets can then be computed for all steps before the loop.
 */
function regrouping(dependsOnCarry: (x: Tensor) => boolean): (x: Tensor) => Tensor {
  const isProduct = (x: Tensor, like: Tensor) =>
    x.node.operator === mulOperator && dependsOnCarry(x) && x.node.inputs.every(y => sameShape(y.shape, like.shape))
  const factors = (x: Tensor): Tensor[] => (isProduct(x, x) ? x.node.inputs.flatMap(factors) : [x])
  const regroup = substitution(x => {
    if (!isProduct(x, x)) return undefined
    const fixed = factors(x).filter(factor => !dependsOnCarry(factor))
    const varying = factors(x).filter(dependsOnCarry)
    if (fixed.length < 2) return undefined
    return mul(varying.map(regroup).reduce(mul), fixed.reduce(mul))
  })
  return regroup
}

interface Backward {
  initial: Tensor[]
  carried: Tensor[]
  next: Tensor[]
  outer: Tensor[]
  slices: Tensor[]
  local: (Tensor | undefined)[]
}

function backwardLoop(
  node: Node<LoopBody>,
  { initial, carried, next, outer, slices, local }: Backward,
): (Tensor | undefined)[] {
  const body = node.attributes
  const count = body.carries.length
  const loop = (states: Tensor[], from: Tensor[], to: Tensor[]) =>
    new LoopFission(states, outer, from, slices, to, body.length, !body.reverse)

  // Which of the invariants' cotangents the loop has to add up by itself is known only by trying.
  const trial = loop(initial, carried, next)
  const constants = local.slice(count + body.slices.length)
  const added = constants.map(g => (g && !trial.sum(g) ? placeholder(g.dtype, g.shape) : undefined))
  const adders = constants.flatMap((g, i) => {
    const p = added[i]
    return g && p ? [{ p, g }] : []
  })
  const final = loop(
    [...initial, ...adders.map(({ p }) => fill(0, p.shape, p.dtype))],
    [...carried, ...adders.map(({ p }) => p)],
    [...next, ...adders.map(({ p, g }) => add(p, g))],
  )
  const inputs = local.slice(count, count + body.slices.length)
  const stacks = inputs.map(g => g && final.stack(g))
  const sums = constants.map((g, i) => (g && !added[i] ? final.sum(g) : undefined))
  const made = final.finish(
    stacks.filter(x => x !== undefined),
    sums.filter(x => x !== undefined),
  )
  let [stack, total, adder] = [0, 0, count]
  return [
    ...made.carries.slice(0, count),
    ...stacks.map(x => x && made.outputs[stack++]),
    ...constants.map((g, i) => g && (added[i] ? made.carries[adder++] : made.sums[total++])),
  ]
}

/** A forward body's tensor, stacked over the steps: scanned already, stacked already, or stacked from now on. */
function residualStack(node: Node<LoopBody>, x: Tensor, scanned: readonly Tensor[]): Tensor {
  const body = node.attributes
  const slice = body.slices.indexOf(x)
  if (slice >= 0) return scanned[slice]
  let place = body.stacked.indexOf(x)
  if (place < 0) {
    place = body.stacked.push(x) - 1
    const output = new Tensor(node as Node, node.outputs.length, x.dtype, [body.length, ...x.shape])
    node.outputs.push(output)
  }
  return node.outputs[body.carries.length + place]
}
