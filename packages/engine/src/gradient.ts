/** Reverse-mode differentiation of expressions (Linnainmaa 1970; the rules stand with the operators). */
import { ShapeError } from './errors.ts'
import { accumulate } from './operators/elementwise.ts'
import { constant } from './operators/source.ts'
import type { Node, Tensor } from './tensor.ts'

/**
 * The gradients of a scalar. The inputs are taken as independent of each other: what one of them is computed from another
 * by is not followed.
 * @param loss rank 0
 * @returns d loss / d x for each x of `inputs`, of x's shape; undefined where the loss does not depend on x
 */
export function gradients(loss: Tensor, inputs: readonly Tensor[]): (Tensor | undefined)[] {
  if (loss.rank !== 0) throw new ShapeError(`gradients: the loss ${loss} is no scalar`)
  return pullBack([loss], [constant(1, loss.dtype)], inputs)
}

/**
 * Vector-Jacobian products: pulls cotangents of `outputs` back to `inputs`.
 * Only nodes that lie between the two are visited, so expressions that do not depend on an input cost nothing; the
 * inputs themselves are leaves, even where one of them is computed from another.
 */
export function pullBack(
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[],
  inputs: readonly Tensor[],
): (Tensor | undefined)[] {
  const leaves = new Set(inputs)
  const between = nodesBetween(outputs, leaves)
  const pulled = new Map<Tensor, Tensor | undefined>()
  const give = (x: Tensor, g: Tensor | undefined) => g && pulled.set(x, accumulate(pulled.get(x), g))
  for (let i = 0; i < outputs.length; i++) give(outputs[i], cotangents[i])
  for (const node of between) {
    const arrived = node.outputs.map(output => (leaves.has(output) ? undefined : pulled.get(output)))
    if (arrived.every(g => g === undefined) || !node.operator.gradient) continue
    const given = node.operator.gradient(node, arrived)
    for (let i = 0; i < node.inputs.length; i++) give(node.inputs[i], given[i])
  }
  return inputs.map(x => pulled.get(x))
}

/** The nodes on a path from an input to an output, users before what they use. */
function nodesBetween(outputs: readonly Tensor[], goals: ReadonlySet<Tensor>): Node[] {
  const found = new Map<Node, boolean>()
  const order: Node[] = []
  const visit = (node: Node): boolean => {
    const known = found.get(node)
    if (known !== undefined) return known
    let leads = false
    for (const x of node.inputs) if (goals.has(x) || visit(x.node)) leads = true
    found.set(node, leads)
    if (leads) order.push(node)
    return leads
  }
  for (const output of outputs) if (!goals.has(output)) visit(output.node)
  return order.reverse()
}
