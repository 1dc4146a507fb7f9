/** Groups nodes that can be computed together: no group may need something from outside that needs the group itself. */
import type { Node, Tensor } from '../../../graph/tensor.ts'
import type { Level } from './levels.ts'

/** Nodes of one group: functions stay small enough to be compiled quickly. */
const MOST_NODES = 96

export class Grouping {
  readonly #level: Level
  readonly #keys: ReadonlyMap<Node, string>
  readonly #groups = new Map<Node, Set<Node>>()

  /** @param keys of the nodes that may be grouped: those of a group have one key */
  constructor(level: Level, keys: ReadonlyMap<Node, string>) {
    this.#level = level
    this.#keys = keys
    for (const node of level.nodes) {
      if (!keys.has(node)) continue
      this.#groups.set(node, new Set([node]))
      for (const { node: other } of node.inputs) if (keys.get(other) === keys.get(node)) this.#merge(other, node)
    }
    for (const node of [...keys.keys()].reverse()) this.#postpone(node)
  }

  of(node: Node): ReadonlySet<Node> | undefined {
    return this.#groups.get(node)
  }

  all(): ReadonlySet<Node>[] {
    return [...new Set(this.#groups.values())]
  }

  #merge(a: Node, b: Node): void {
    const [first, second] = [this.#groups.get(a), this.#groups.get(b)]
    if (!first || !second || first === second || first.size + second.size > MOST_NODES) return
    const union = new Set([...first, ...second])
    if (this.#needsItself(union)) return
    for (const node of union) this.#groups.set(node, union)
  }

  /** Whether something outside of a group that the group needs, needs the group: then it cannot be one step. */
  #needsItself(group: ReadonlySet<Node>): boolean {
    const seen = new Set<Node>()
    const open: Node[] = []
    const visit = (inputs: readonly Tensor[]) => {
      for (const { node } of inputs)
        if (!seen.has(node) && this.#level.place(node) >= 0) {
          seen.add(node)
          open.push(node)
        }
    }
    for (const node of group) visit(node.inputs.filter(x => !group.has(x.node)))
    for (let node = open.pop(); node; node = open.pop()) {
      if (group.has(node)) return true
      for (const { inputs } of this.#groups.get(node) ?? [node]) visit(inputs)
    }
    return false
  }

  /**
   * Moves a node to the group that alone uses its result, if that group can read the node's operands, which are in memory
   * anyway: a function of a forward result (1 − y²) is computed where the backward pass needs it, and is not kept until then.
   */
  #postpone(node: Node): void {
    const users = [...this.#level.users(node.outputs[0])]
    const from = this.#groups.get(node)
    const groups = new Set(users.map(user => user && this.#groups.get(user)))
    const [to] = groups
    if (!from || !to || groups.size > 1 || to === from || to.size >= MOST_NODES) return
    if (this.#keys.get(node) !== this.#keys.get([...to][0])) return
    const inMemory = node.inputs.every(x => {
      const readers = [...this.#level.users(x)].filter(user => user !== node)
      if (!this.#keys.has(x.node) && x.node.inputs.length === 0) return true
      return readers.some(user => (this.#groups.get(x.node) === from ? !user || !from.has(user) : user && to.has(user)))
    })
    if (!inMemory) return
    from.delete(node)
    to.add(node)
    this.#groups.set(node, to)
  }
}
