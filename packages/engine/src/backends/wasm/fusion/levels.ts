/** The levels of a program: the program itself, and the bodies of its loops. Each has the nodes that a plan computes there. */
import { dependence, loopBody } from '../../../graph/loop/body.ts'
import type { Node, Tensor } from '../../../graph/tensor.ts'

export class Level {
  /** In an order in which operands come first. */
  readonly nodes: Node[] = []
  readonly #places = new Map<Node, number>()
  readonly #users = new Map<Tensor, Set<Node | undefined>>()
  readonly #seen = new Set<Node>()

  constructor(
    readonly needed: ReadonlySet<Tensor>,
    readonly all: Level[],
    readonly outer?: Level,
    readonly owns: (x: Tensor) => boolean = () => true,
  ) {
    all.push(this)
  }

  /** Where a node of this level is in {@link nodes}; -1 for those of other levels. */
  place(node: Node): number {
    return this.#places.get(node) ?? -1
  }

  /** Who uses a tensor; undefined stands for whoever is not a node of this level. */
  users(x: Tensor): ReadonlySet<Node | undefined> {
    return this.#users.get(x) ?? new Set()
  }

  /** Notes that a tensor is needed, by a node of this level or by something else, and all that it needs. */
  use(x: Tensor, user?: Node): void {
    if (this.outer && !this.owns(x)) {
      this.outer.use(x)
      return
    }
    const users = this.#users.get(x)
    if (users) users.add(user)
    else this.#users.set(x, new Set([user]))
    this.#visit(x.node)
  }

  #visit(node: Node): void {
    if (this.#seen.has(node)) return
    this.#seen.add(node)
    const body = loopBody(node)
    if (body) {
      const { carries, slices, next, stacked } = body
      for (const x of node.inputs.slice(0, carries.length + slices.length)) this.use(x, node)
      const inner = new Level(this.needed, this.all, this, dependence([...carries, ...slices]))
      for (const x of next) inner.use(x)
      stacked.forEach((x, i) => {
        if (this.needed.has(node.outputs[carries.length + i])) inner.use(x)
      })
    } else for (const x of node.inputs) this.use(x, node)
    this.#places.set(node, this.nodes.push(node) - 1)
  }
}

/** All levels of a program. @param roots what it computes @param needed of loops' outputs, those that are stacked */
export function levelsOf(roots: readonly Tensor[], needed: ReadonlySet<Tensor>): Level[] {
  const levels: Level[] = []
  const program = new Level(needed, levels)
  for (const x of roots) program.use(x)
  return levels
}
