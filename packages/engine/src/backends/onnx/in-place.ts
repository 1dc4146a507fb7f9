/** Which updates may be written straight over the arrays they replace, instead of being copied there after the run. */
import { inputAttributes } from '../../graph/operators/source.ts'
import type { Node, Tensor } from '../../graph/tensor.ts'

/**
 * The updates that are safe to write in place. ONNX Runtime computes a node when its operands are there and knows nothing
 * of our writing over an input, so an update is safe only if everything that reads the old values has read them before:
 *
 *  - every other reader must come before the update, because the update depends on it (clipping gradients by their global
 *    norm makes an update depend on all gradients, and so on all that reads a parameter);
 *  - the update's last operations, which ONNX Runtime may fuse to one kernel, may read the input number by number only.
 */
export function updatesInPlace(
  outputs: readonly Tensor[],
  updates: Readonly<Record<string, Tensor>>,
): ReadonlySet<string> {
  const targets = Object.entries(updates)
  const roots = [...outputs, ...Object.values(updates)]
  const readers = readersByInput(roots)
  const safe = targets.filter(([name, update]) => {
    // An output that is the input itself is copied at the end, and so is an update that is another input.
    if (roots.some(root => reads(root, name)) || inputAttributes(update.node)) return false
    const before = reachable([update])
    const last = lastOperations(update)
    return (readers.get(name) ?? []).every(
      reader => before.has(reader) && (last.elementwise.has(reader) || !last.operands.has(reader)),
    )
  })
  return new Set(safe.map(([name]) => name))
}

const reads = (x: Tensor, name: string) => inputAttributes(x.node)?.name === name

function readersByInput(roots: readonly Tensor[]): Map<string, Node[]> {
  const readers = new Map<string, Node[]>()
  for (const node of reachable(roots))
    for (const name of new Set(node.inputs.map(x => inputAttributes(x.node)?.name)))
      if (name !== undefined) readers.set(name, [...(readers.get(name) ?? []), node])
  return readers
}

/** The operations number by number that an update ends with, and those of another kind that their operands come from. */
function lastOperations(update: Tensor): { elementwise: Set<Node>; operands: Set<Node> } {
  const elementwise = new Set<Node>()
  const operands = new Set<Node>()
  const visit = ({ node }: Tensor) => {
    if (elementwise.has(node)) return
    if (!node.operator.elementwise) {
      operands.add(node)
      return
    }
    elementwise.add(node)
    node.inputs.forEach(visit)
  }
  visit(update)
  return { elementwise, operands }
}

function reachable(roots: readonly Tensor[]): Set<Node> {
  const found = new Set<Node>()
  const visit = ({ node }: Tensor) => {
    if (found.has(node)) return
    found.add(node)
    node.inputs.forEach(visit)
  }
  roots.forEach(visit)
  return found
}
