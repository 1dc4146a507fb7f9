/** Reverse-mode differentiation of expressions (Linnainmaa 1970); the rules are in gradient-rules.ts. */
import { ShapeError } from '../errors.ts'
import { gradientRule } from './gradient-rules.ts'
import { add } from './operators/elementwise.ts'
import { constant } from './operators/source.ts'
import type { Cotangents, Node, Tensor } from './tensor.ts'

/**
 * The gradients of a scalar. The inputs are taken as independent of each other: where one of them is computed from
 * another, no gradient flows through it.
 * @param loss rank 0
 * @returns d loss / d x for each x of `inputs`, of x's shape; undefined where the loss does not depend on x
 * @throws ShapeError a loss that is not a scalar
 */
export function gradients(loss: Tensor, inputs: readonly Tensor[]): (Tensor | undefined)[] {
  if (loss.rank !== 0) throw new ShapeError(`gradients: the loss ${loss} is no scalar`)
  return vjp([loss], [constant(1, loss.dtype)], inputs)
}

/**
 * Vector-Jacobian products: from the cotangents of `outputs` to those of `inputs`.
 * Only nodes that lie between the two are visited, so expressions that do not depend on an input cost nothing; the
 * inputs themselves are leaves, even where one of them is computed from another.
 * @returns the cotangent of each input; undefined where no output depends on it
 */
export function vjp(
  outputs: readonly Tensor[],
  cotangents: Cotangents,
  inputs: readonly Tensor[],
): (Tensor | undefined)[] {
  const leaves = new Set(inputs)
  const between = nodesBetween(outputs, leaves)
  const totals = new Map<Tensor, Tensor>()
  const accumulate = (x: Tensor, g: Tensor | undefined) => {
    if (!g) return
    const total = totals.get(x)
    totals.set(x, total ? add(total, g) : g)
  }
  outputs.forEach((output, i) => {
    accumulate(output, cotangents[i])
  })
  for (const node of between) {
    const arriving = node.outputs.map(output => (leaves.has(output) ? undefined : totals.get(output)))
    if (arriving.every(g => g === undefined)) continue
    const leaving = gradientRule(node.operator)?.apply(node, arriving, vjp) ?? []
    node.inputs.forEach((x, i) => {
      accumulate(x, leaving[i])
    })
  }
  return inputs.map(x => totals.get(x))
}

/** The nodes on a path from an input to an output, users before what they use. */
function nodesBetween(outputs: readonly Tensor[], inputs: ReadonlySet<Tensor>): Node[] {
  const found = new Map<Node, boolean>()
  const order: Node[] = []
  const visit = (node: Node): boolean => {
    const known = found.get(node)
    if (known !== undefined) return known
    let leads = false
    for (const x of node.inputs) if (inputs.has(x) || visit(x.node)) leads = true
    found.set(node, leads)
    if (leads) order.push(node)
    return leads
  }
  for (const output of outputs) if (!inputs.has(output)) visit(output.node)
  return order.reverse()
}
