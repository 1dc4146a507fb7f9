/**
 * Loops over the leading axis of arrays, and their gradient.
 *
 * A loop's body is an expression over placeholders: the carried state and one slice of each scanned array. Whatever it
 * uses that does not depend on a placeholder is invariant. {@link scan} splits ("fissions") the body in three before
 * it makes the loop:
 *
 *  - what depends on scanned slices only is computed before the loop, for all steps at once;
 *  - what the carried state needs stays in the loop;
 *  - products that only outputs need are computed after it, from the stacked operands, for all steps at once.
 *
 * So an LSTM's input product x·W becomes one large product before the loop. The gradient of a loop is a loop in the
 * other direction, made by the same function, so the products of its body are moved too: a weight's gradient, a sum
 * over steps of xᵀ·dz, becomes one product of the stacked x and the stacked dz.
 */
import { ShapeError } from './errors.ts'
import { pullBack } from './gradient.ts'
import { add, mul } from './operators/elementwise.ts'
import { contract, contracted } from './operators/product.ts'
import { sum } from './operators/reduction.ts'
import { fill, placeholder } from './operators/source.ts'
import { apply, type Dim, Node, type Operator, sameShape, Tensor } from './tensor.ts'

export interface ScanOptions {
  /** From the last step to the first; outputs keep the places of the slices they came from. */
  readonly reverse?: boolean
}

interface Body {
  /** Placeholders: carried states, then slices. */
  readonly carries: readonly Tensor[]
  readonly slices: readonly Tensor[]
  /** The next carried states. */
  readonly next: readonly Tensor[]
  /** What is stacked at each step; the gradient adds to it what the backward loop needs. */
  readonly stacked: Tensor[]
  readonly length: Dim
  readonly reverse: boolean
}

/** The operator of a loop that is already split. inputs: initial states, scanned arrays, invariants. */
export const scanOperator: Operator<Body> = {
  name: 'scan',
  infer: () => {
    throw new Error('loops are made by scan')
  },
  emit() {
    throw new Error('loops are written by the emitter')
  },
  gradient: scanGradient,
}

/** Tells, for a loop's body, which tensors depend on the given placeholders. */
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

/**
 * Runs `step` along the leading axis of `scanned`.
 * @param initial carried states before the first step
 * @param scanned arrays [time, …] of one leading dimension
 * @param step gives the next states (of the shapes of `initial`) and this step's outputs
 * @returns the last states, and each output stacked along a leading axis [time, …]
 */
export function scan(
  initial: readonly Tensor[],
  scanned: readonly Tensor[],
  step: (carries: Tensor[], slices: Tensor[]) => { carries: readonly Tensor[]; outputs: readonly Tensor[] },
  options: ScanOptions = {},
): { carries: Tensor[]; outputs: Tensor[] } {
  if (scanned.length === 0) throw new ShapeError('scan: nothing to scan')
  const length = scanned[0].shape[0]
  for (const x of scanned)
    if (x.rank === 0 || x.shape[0] !== length)
      throw new ShapeError(`scan: ${scanned[0]} and ${x} differ in their leading dimension`)
  const carries = initial.map(x => placeholder(x.dtype, x.shape))
  const slices = scanned.map(x => placeholder(x.dtype, x.shape.slice(1)))
  const body = step(carries, slices)
  body.carries.forEach((next, i) => {
    if (next.dtype !== initial[i]?.dtype || !sameShape(next.shape, initial[i].shape))
      throw new ShapeError(`scan: carried state ${i} starts as ${initial[i]} and goes on as ${next}`)
  })
  const loop = new Fission(initial, scanned, carries, slices, body.carries, length, options.reverse ?? false)
  const outputs = body.outputs.map(x => loop.stack(x))
  return loop.finish(outputs)
}

/** Splits a body. Outputs are asked for first, in any number; {@link finish} then makes the loop that they come from. */
class Fission {
  readonly #dependsOnCarry: (x: Tensor) => boolean
  readonly #depends: (x: Tensor) => boolean
  readonly #core = new Set<Node>()
  /** Body tensors that exist for all steps at once: scanned arrays, what is computed before, what the loop stacks. */
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
    return this.#lift(x, input => this.#before(input))
  }

  #lift(x: Tensor, whole: (input: Tensor) => Tensor | undefined): Tensor | undefined {
    const { node } = x
    if (!node.operator.lift) return undefined
    const inputs: Tensor[] = []
    const lifted = node.inputs.map(input => this.#depends(input))
    for (let i = 0; i < node.inputs.length; i++) {
      const input = lifted[i] ? whole(node.inputs[i]) : node.inputs[i]
      if (!input) return undefined
      inputs.push(input)
    }
    const outputs = node.operator.lift(node, inputs, lifted)
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
      const after = this.#lift(x, input => this.stack(input))
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
    if (x.node.operator.name === 'add' && x.node.inputs.every(input => sameShape(input.shape, x.shape))) {
      const [a, b] = x.node.inputs.map(input => this.sum(input))
      return a && b && add(a, b)
    }
    const operands = contracted(x)
    if (operands?.every(this.#depends)) return contract(this.stack(operands[0]), this.stack(operands[1]))
    const summed = x.node.operator.name === 'sum' ? x.node : undefined
    if (summed && this.#depends(summed.inputs[0])) {
      const { axes, keep } = summed.attributes as { axes: readonly number[]; keep: boolean }
      const total = sum(this.stack(summed.inputs[0]), [0, ...axes.map(axis => axis + 1)], keep)
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

function makeLoop(initial: readonly Tensor[], scanned: readonly Tensor[], body: Body): Node<Body> {
  const used = usedPlaceholders([...body.next, ...body.stacked])
  const kept = body.slices.map((slice, i) => used.has(slice) || i === 0).map((keep, i) => (keep ? i : -1))
  const indices = kept.filter(i => i >= 0)
  const pruned: Body = { ...body, slices: indices.map(i => body.slices[i]) }
  const inputs = [...initial, ...indices.map(i => scanned[i]), ...invariants(pruned)]
  return new Node(scanOperator, inputs, pruned, [
    ...body.next.map(x => ({ dtype: x.dtype, shape: x.shape })),
    ...body.stacked.map(x => ({ dtype: x.dtype, shape: [body.length, ...x.shape] })),
  ])
}

function usedPlaceholders(roots: readonly Tensor[]): Set<Tensor> {
  const used = new Set<Tensor>()
  const seen = new Set<Node>()
  const visit = (x: Tensor) => {
    used.add(x)
    if (seen.has(x.node)) return
    seen.add(x.node)
    x.node.inputs.forEach(visit)
  }
  roots.forEach(visit)
  return used
}

/** What a body uses from outside: the outermost tensors that depend on none of its placeholders. */
function invariants(body: Body): Tensor[] {
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

/** Rebuilds expressions with some tensors replaced; what contains none of them stays the very same node. */
function substitution(replace: (x: Tensor) => Tensor | undefined): (x: Tensor) => Tensor {
  const known = new Map<Tensor, Tensor>()
  const rebuild = (x: Tensor): Tensor => {
    const done = known.get(x)
    if (done) return done
    let result = replace(x)
    if (!result) {
      const inputs = x.node.inputs.map(rebuild)
      if (inputs.every((input, i) => input === x.node.inputs[i])) result = x
      else if (x.node.operator === scanOperator) result = rebuildLoop(x, inputs, replace)
      else result = apply(x.node.operator, inputs, x.node.attributes)[x.output]
    }
    known.set(x, result)
    return result
  }
  return rebuild
}

/** A loop inside of a replaced expression: its invariants are replaced inside its body as well. */
function rebuildLoop(x: Tensor, inputs: readonly Tensor[], replace: (x: Tensor) => Tensor | undefined): Tensor {
  const body = x.node.attributes as Body
  const own = new Set<Tensor>([...body.carries, ...body.slices])
  const rebuild = substitution(t => (own.has(t) ? t : replace(t)))
  const count = body.carries.length
  const node = makeLoop(inputs.slice(0, count), inputs.slice(count, count + body.slices.length), {
    ...body,
    next: body.next.map(rebuild),
    stacked: body.stacked.map(rebuild),
  })
  return node.outputs[x.output]
}

/**
 * The gradient of a loop: a loop in the other direction that carries the cotangents of the states. What its body needs
 * of the forward body's values (gates, states) the forward loop is made to stack.
 */
function scanGradient(node: Node<Body>, cotangents: readonly (Tensor | undefined)[]): (Tensor | undefined)[] {
  const body = node.attributes
  const count = body.carries.length
  const isFloat = (x: Tensor) => x.dtype.startsWith('float')
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
  const wanted = [...body.carries, ...body.slices, ...constants]
  const pulled = pullBack([...body.next, ...body.stacked], [...carried, ...arriving], wanted)

  // Forward values become slices of what the forward loop scans or stacks.
  const forward = forwardTensors(body)
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
  const next = body.carries.map(
    (x, i) => local[i] ?? (isFloat(x) ? fill(0, x.shape, x.dtype) : fill(0, x.shape, x.dtype)),
  )
  return backwardLoop(node, { initial, carried, next, outer, slices, local })
}

/**
 * Products a·x·b, number by number, of which x alone changes with the carried state, become x·(a·b): what is in the
 * brackets can then be computed for all steps before the loop.
 */
function regrouping(dependsOnCarry: (x: Tensor) => boolean): (x: Tensor) => Tensor {
  const isProduct = (x: Tensor, like: Tensor) =>
    x.node.operator.name === 'mul' && dependsOnCarry(x) && x.node.inputs.every(y => sameShape(y.shape, like.shape))
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
  node: Node<Body>,
  { initial, carried, next, outer, slices, local }: Backward,
): (Tensor | undefined)[] {
  const body = node.attributes
  const count = body.carries.length
  const loop = (states: Tensor[], from: Tensor[], to: Tensor[]) =>
    new Fission(states, outer, from, slices, to, body.length, !body.reverse)

  // Which of the invariants' cotangents the loop has to add up by itself is known only by trying.
  const trial = loop(initial, carried, next)
  const constants = local.slice(count + body.slices.length)
  const added = constants.map(g => (g && !trial.sum(g) ? placeholder(g.dtype, g.shape) : undefined))
  const adders = added.flatMap((p, i) => (p ? [{ p, g: constants[i]! }] : []))
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

/** The tensors of a body that change from step to step. */
function forwardTensors(body: Body): Set<Tensor> {
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

/** A forward body's tensor, stacked over the steps: scanned already, stacked already, or stacked from now on. */
function residualStack(node: Node<Body>, x: Tensor, scanned: readonly Tensor[]): Tensor {
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
