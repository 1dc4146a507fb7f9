/** A loop as a node: its body, the expressions it is made of, and how a body is taken apart and rebuilt. */
import { apply, type Dim, Node, type Operator, type Tensor } from '../tensor.ts'

/** What a loop computes at each step: expressions over placeholders and whatever they use from outside. */
export interface LoopBody {
  /** Placeholders of the carried states. */
  readonly carries: readonly Tensor[]
  /** Placeholders of the slices. */
  readonly slices: readonly Tensor[]
  /** The next carried states. */
  readonly next: readonly Tensor[]
  /** Stacked over the steps as the loop's outputs. A gradient adds to it what its own loop needs. */
  readonly stacked: Tensor[]
  readonly length: Dim
  readonly reverse: boolean
}

/** A loop after fission. inputs: initial states, scanned arrays, invariants; outputs: last states, stacked tensors. */
export const scanOperator: Operator<LoopBody> = {
  name: 'scan',
  infer: () => {
    throw new Error('loops are made by scan')
  },
}

/** The body of a loop; undefined for every other node. */
export function loopBody(node: Node): LoopBody | undefined {
  return node.operator === scanOperator ? (node.attributes as LoopBody) : undefined
}

/** Tells which tensors of a loop's body depend on the given placeholders. */
export function dependence(placeholders: readonly Tensor[]): (x: Tensor) => boolean {
  const known = new Map<Node, boolean>(placeholders.map(p => [p.node, true]))
  const depends = (node: Node): boolean => {
    let answer = known.get(node)
    if (answer === undefined) {
      answer = node.inputs.some(x => depends(x.node))
      known.set(node, answer)
    }
    return answer
  }
  return x => depends(x.node)
}

/** Makes the node of a loop; scanned arrays whose slices the body does not use are left out, but for the first. */
export function makeLoop(initial: readonly Tensor[], scanned: readonly Tensor[], body: LoopBody): Node<LoopBody> {
  const used = reachableTensors([...body.next, ...body.stacked])
  const kept = [...body.slices.keys()].filter(i => i === 0 || used.has(body.slices[i]))
  const pruned: LoopBody = { ...body, slices: kept.map(i => body.slices[i]) }
  const inputs = [...initial, ...kept.map(i => scanned[i]), ...invariants(pruned)]
  return new Node(scanOperator, inputs, pruned, [
    ...body.next.map(x => ({ dtype: x.dtype, shape: x.shape })),
    ...body.stacked.map(x => ({ dtype: x.dtype, shape: [body.length, ...x.shape] })),
  ])
}

function reachableTensors(roots: readonly Tensor[]): Set<Tensor> {
  const found = new Set<Tensor>()
  const seen = new Set<Node>()
  const visit = (x: Tensor) => {
    found.add(x)
    if (seen.has(x.node)) return
    seen.add(x.node)
    x.node.inputs.forEach(visit)
  }
  roots.forEach(visit)
  return found
}

/** What a body uses from outside: the outermost tensors that depend on none of its placeholders. */
function invariants(body: LoopBody): Tensor[] {
  const depends = dependence([...body.carries, ...body.slices])
  const found = new Set<Tensor>()
  const seen = new Set<Node>()
  const visit = (x: Tensor) => {
    if (!depends(x)) {
      found.add(x)
      return
    }
    if (seen.has(x.node)) return
    seen.add(x.node)
    x.node.inputs.forEach(visit)
  }
  for (const x of [...body.next, ...body.stacked]) visit(x)
  return [...found]
}

/** The tensors of a body that change from step to step. */
export function varyingTensors(body: LoopBody): Set<Tensor> {
  const depends = dependence([...body.carries, ...body.slices])
  const found = new Set<Tensor>()
  const visit = (x: Tensor) => {
    if (found.has(x) || !depends(x)) return
    for (const output of x.node.outputs) found.add(output)
    x.node.inputs.forEach(visit)
  }
  for (const x of [...body.next, ...body.stacked]) visit(x)
  return found
}

/** Rebuilds expressions with some tensors replaced; what contains none of them stays the very same node. */
export function substitution(replace: (x: Tensor) => Tensor | undefined): (x: Tensor) => Tensor {
  const known = new Map<Tensor, Tensor>()
  const loops = new Map<Node, Node>()
  const rebuildNode = (node: Node): readonly Tensor[] => {
    const inputs = node.inputs.map(rebuild)
    if (inputs.every((input, i) => input === node.inputs[i])) return node.outputs
    const body = loopBody(node)
    if (!body) return apply(node.operator, inputs, node.attributes)
    // Loops are not interned, so that this one has to be remembered for its other outputs.
    let loop = loops.get(node)
    if (!loop) {
      loop = rebuildLoop(body, inputs, replace)
      loops.set(node, loop)
    }
    return loop.outputs
  }
  const rebuild = (x: Tensor): Tensor => {
    let result = known.get(x)
    if (!result) {
      result = replace(x) ?? rebuildNode(x.node)[x.output]
      known.set(x, result)
    }
    return result
  }
  return rebuild
}

/** A loop inside of a replaced expression: its invariants are replaced inside its body as well. */
function rebuildLoop(
  body: LoopBody,
  inputs: readonly Tensor[],
  replace: (x: Tensor) => Tensor | undefined,
): Node<LoopBody> {
  const own = new Set<Tensor>([...body.carries, ...body.slices])
  const rebuild = substitution(t => (own.has(t) ? t : replace(t)))
  const count = body.carries.length
  return makeLoop(inputs.slice(0, count), inputs.slice(count, count + body.slices.length), {
    ...body,
    next: body.next.map(rebuild),
    stacked: body.stacked.map(rebuild),
  })
}
