/**
 * Regions: connected nodes that compute number by number, of one shape, inside one level of a program (the program, or a
 * loop's body). Each becomes one step. They are found on expressions, before any size is known.
 */
import { castOperator, whereOperator } from '../../../graph/operators/elementwise.ts'
import { concatOperator, expandOperator } from '../../../graph/operators/layout.ts'
import { constantOperator, fillOperator } from '../../../graph/operators/source.ts'
import { type DType, type Node, sameShape, type Tensor } from '../../../graph/tensor.ts'
import { isKnown } from './evaluate.ts'
import { Grouping } from './grouping.ts'
import type { Level } from './levels.ts'

export interface Region {
  /** In order. */
  readonly nodes: readonly Node[]
  /** What is read from outside; constants are left out. */
  readonly operands: readonly Tensor[]
  /** Results that are used outside as they are. */
  readonly outputs: readonly Tensor[]
  /** Concatenations of results: these are written right where they belong. */
  readonly joins: readonly Node[]
}

/** The number that an array is full of, if it was made so. */
export function constantOf({ node }: Tensor): number | undefined {
  if (node.operator !== constantOperator && node.operator !== fillOperator) return undefined
  return (node.attributes as { value: number }).value
}

/** The function that a node computes: its name in evaluate.ts, and the type of its operands. */
export function functionOf({ operator, inputs, attributes }: Node): { operator: string; type: DType } {
  const name = operator === castOperator ? `to ${(attributes as { to: string }).to}` : operator.name
  return { operator: name, type: inputs[operator === whereOperator ? 1 : 0].dtype }
}

function isFusible(node: Node): boolean {
  if (node.operator === expandOperator) return node.inputs[0].dtype === 'float32'
  const { operator, type } = functionOf(node)
  return node.operator.elementwise === true && isKnown(operator, type)
}

/** The last axis of a result that is not of size 1; -1 where there is none. The inner loop runs along it. */
export const innerAxis = ({ shape, sparse }: Tensor) => (sparse ? 0 : shape.findLastIndex(dim => dim !== 1))

/** Results of one region have one. */
const shapeKey = ({ shape, sparse }: Tensor) => (sparse ? `sparse ${sparse.pattern}` : shape.join())

/** The regions of a level. */
export function findRegions(level: Level): Region[] {
  const key = new Map<Node, string>()
  for (const node of level.nodes)
    if (node.inputs.length > 0 && isFusible(node)) key.set(node, shapeKey(node.outputs[0]))
  const groups = new Grouping(level, key)
  const joins = new Map<ReadonlySet<Node>, Node[]>()
  for (const node of level.nodes) {
    const group = joined(node, x => groups.of(x.node))
    if (group) joins.set(group, [...(joins.get(group) ?? []), node])
  }
  return groups.all().map(group => regionOf(level, group, joins.get(group) ?? []))
}

/** The group whose results alone a node concatenates; undefined for every other node. */
function joined(
  { operator, inputs, outputs, attributes }: Node,
  groupOf: (x: Tensor) => ReadonlySet<Node> | undefined,
): ReadonlySet<Node> | undefined {
  if (operator !== concatOperator || outputs[0].dtype !== 'float32') return undefined
  const groups = new Set(inputs.filter(x => constantOf(x) === undefined).map(groupOf))
  const [group] = groups
  const { axis } = attributes as { axis: number }
  const fits = inputs.every(x => sameShape(x.shape, inputs[0].shape)) && axis <= innerAxis(inputs[0])
  return groups.size === 1 && fits ? group : undefined
}

function regionOf(level: Level, group: ReadonlySet<Node>, joins: readonly Node[]): Region {
  const nodes = [...group].sort((a, b) => level.place(a) - level.place(b))
  const operands = new Set(nodes.flatMap(({ inputs }) => inputs))
  const inside = (user: Node | undefined) => user !== undefined && (group.has(user) || joins.includes(user))
  return {
    nodes,
    operands: [...operands].filter(x => !group.has(x.node) && constantOf(x) === undefined),
    outputs: nodes.map(({ outputs: [y] }) => y).filter(y => [...level.users(y)].some(user => !inside(user))),
    joins,
  }
}
