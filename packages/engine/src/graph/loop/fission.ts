/**
 * Loop fission: splits a loop's body into what is computed before the loop for all steps at once, what stays in the loop,
 * and the products that are computed after it.
 */
import { ShapeError } from '../../errors.ts'
import { add, addOperator } from '../operators/elementwise.ts'
import { outerSum, outerSumOperands } from '../operators/product.ts'
import { sum, sumOperand } from '../operators/reduction.ts'
import { placeholder } from '../operators/source.ts'
import { type Dim, type Node, sameShape, type Tensor } from '../tensor.ts'
import { dependence, makeLoop, substitution } from './body.ts'

/** Splits a loop's body. Outputs are asked for first, in any number; then {@link finish} makes the loop they come from. */
export class LoopFission {
  readonly #dependsOnCarry: (x: Tensor) => boolean
  readonly #depends: (x: Tensor) => boolean
  readonly #core = new Set<Node>()
  /** Body tensors that exist for all steps at once, [time, …]: scanned arrays, and what is computed from them. */
  readonly #whole = new Map<Tensor, Tensor>()
  readonly #scanned: Tensor[]
  readonly #slices: Tensor[]
  /** Body tensors that the loop stacks, each with the placeholder of its stack. */
  readonly #stacks = new Map<Tensor, Tensor>()

  constructor(
    readonly initial: readonly Tensor[],
    scanned: readonly Tensor[],
    readonly carries: readonly Tensor[],
    slices: readonly Tensor[],
    readonly next: readonly Tensor[],
    readonly length: Dim,
    readonly reverse: boolean,
  ) {
    this.#scanned = [...scanned]
    this.#slices = [...slices]
    slices.forEach((slice, i) => {
      this.#whole.set(slice, scanned[i])
    })
    this.#dependsOnCarry = dependence(carries)
    this.#depends = dependence([...carries, ...slices])
    const visit = (x: Tensor) => {
      if (!this.#dependsOnCarry(x) || this.#core.has(x.node)) return
      this.#core.add(x.node)
      x.node.inputs.forEach(visit)
    }
    next.forEach(visit)
  }

  /** A body tensor for all steps at once, [time, …]; undefined where that takes a loop. */
  #before(x: Tensor): Tensor | undefined {
    const known = this.#whole.get(x)
    if (known || !this.#depends(x) || this.#dependsOnCarry(x)) return known
    return this.#batch(x, input => this.#before(input))
  }

  #batch(x: Tensor, whole: (input: Tensor) => Tensor | undefined): Tensor | undefined {
    const { node } = x
    if (!node.operator.batch) return undefined
    const inputs: Tensor[] = []
    const batched = node.inputs.map(input => this.#depends(input))
    for (let i = 0; i < node.inputs.length; i++) {
      const input = batched[i] ? whole(node.inputs[i]) : node.inputs[i]
      if (!input) return undefined
      inputs.push(input)
    }
    const outputs = node.operator.batch(node, inputs, batched)
    outputs?.forEach((output, i) => {
      this.#whole.set(node.outputs[i], output)
    })
    return outputs?.[x.output]
  }

  /** An output, stacked [time, …]: computed before the loop, after it, or stacked by it. */
  stack(x: Tensor): Tensor {
    if (!this.#depends(x)) throw new ShapeError(`scan: the output ${x} is the same at every step`)
    const before = this.#before(x)
    if (before) return before
    if (!this.#core.has(x.node) && this.#holdsProduct(x.node)) {
      const after = this.#batch(x, input => this.stack(input))
      if (after) return after
    }
    let stacked = this.#stacks.get(x)
    if (!stacked) {
      stacked = placeholder(x.dtype, [this.length, ...x.shape])
      this.#stacks.set(x, stacked)
    }
    return stacked
  }

  /** Whether a product lies between this node and the loop's core: only then is it worth computing afterwards. */
  #holdsProduct(node: Node): boolean {
    if (node.operator.product) return true
    return node.inputs.some(
      x => this.#dependsOnCarry(x) && !this.#core.has(x.node) && !this.#stacks.has(x) && this.#holdsProduct(x.node),
    )
  }

  /** Σ over all steps of a body tensor; undefined where the loop itself has to add it up. */
  sum(x: Tensor): Tensor | undefined {
    if (x.node.operator === addOperator && x.node.inputs.every(input => sameShape(input.shape, x.shape))) {
      const [a, b] = x.node.inputs.map(input => this.sum(input))
      return a && b && add(a, b)
    }
    const operands = outerSumOperands(x)
    if (operands?.every(this.#depends)) return outerSum(this.stack(operands[0]), this.stack(operands[1]), x.sparse)
    const summed = sumOperand(x)
    if (summed && this.#depends(summed.operand)) {
      const { axes, keep } = summed
      const total = sum(this.stack(summed.operand), [0, ...axes.map(axis => axis + 1)], keep)
      return keep ? sum(total, [0]) : total
    }
    return undefined
  }

  /** Makes the loop, and puts its stacks where they were asked for. */
  finish(
    outputs: readonly Tensor[],
    sums: readonly Tensor[] = [],
  ): { carries: Tensor[]; outputs: Tensor[]; sums: Tensor[] } {
    if (this.#stacks.size === 0 && this.next.length === 0)
      return { carries: [], outputs: [...outputs], sums: [...sums] }
    // Inside, what was computed before the loop is a slice of its stack.
    const inside = new Map<Tensor, Tensor>()
    const replace = (x: Tensor): Tensor | undefined => {
      if (this.#slices.includes(x) || !this.#depends(x) || this.#dependsOnCarry(x)) return undefined
      const known = inside.get(x)
      if (known) return known
      const whole = this.#before(x)
      if (!whole) return undefined
      const slice = placeholder(x.dtype, x.shape)
      this.#scanned.push(whole)
      this.#slices.push(slice)
      inside.set(x, slice)
      return slice
    }
    const rebuild = substitution(replace)
    const next = this.next.map(rebuild)
    const stacked = [...this.#stacks.keys()].map(rebuild)
    const node = makeLoop(this.initial, this.#scanned, {
      carries: this.carries,
      slices: this.#slices,
      next,
      stacked,
      length: this.length,
      reverse: this.reverse,
    })
    const stacks = new Map([...this.#stacks.values()].map((p, i) => [p, node.outputs[next.length + i]]))
    const place = substitution(x => stacks.get(x))
    return { carries: node.outputs.slice(0, next.length), outputs: outputs.map(place), sums: sums.map(place) }
  }
}
