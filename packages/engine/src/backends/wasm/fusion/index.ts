/** Fusion: nodes that compute number by number become functions of their own, which are compiled with the program. */
import type { Node, Tensor } from '../../../graph/tensor.ts'
import type { ProgramSource } from '../../backend.ts'
import type { Kernels } from '../kernels.ts'
import type { Scope, Value } from '../scope.ts'
import { webAssembly } from '../webassembly.ts'
import { encodeModule } from './encoder.ts'
import type { Expression } from './expression.ts'
import { generate, PARAMETERS } from './generate.ts'
import { fitsPanels, isSplatInPanels, lowerInPanels, prefersPanels } from './in-panels.ts'
import { levelsOf } from './levels.ts'
import { isSplat, lowerRegion } from './lower.ts'
import { expressionOf } from './region-expression.ts'
import { findRegions, type Region } from './regions.ts'
import type { FusedFunction } from './step.ts'

/** A region and its functions: for arrays that lie row by row, and for arrays in panels where that is possible. */
interface Compiled {
  readonly region: Region
  readonly rows: FusedFunction
  readonly panels: FusedFunction | undefined
}

/** The fused functions of a backend, which all its programs share: regions that compute the same have one function. */
export class Fusion {
  readonly #kernels: Kernels
  /** By what they compute. */
  readonly #functions = new Map<string, FusedFunction>()
  #before: Promise<unknown> = Promise.resolve()

  constructor(kernels: Kernels) {
    this.#kernels = kernels
  }

  /**
   * Finds what can be fused in a program, and compiles the functions that are new. Nothing is fused where they cannot be
   * compiled.
   * @param needed the tensors that the program needs
   */
  async prepare({ outputs, updates = {} }: ProgramSource, needed: ReadonlySet<Tensor>): Promise<FusedRegions> {
    const levels = levelsOf([...Object.values(outputs), ...Object.values(updates)], needed)
    const regions = levels.flatMap(findRegions)
    // Only sparse products give panels.
    const inPanels = new Set([...needed].some(x => x.sparse) ? regions.filter(fitsPanels) : [])
    const rows = new Map(regions.map(region => [region, expressionOf(region, x => isSplat(region, x))]))
    const panels = new Map([...inPanels].map(region => [region, expressionOf(region, x => isSplatInPanels(region, x))]))
    // One module after the other: a function may come with a program that is compiled at the same time.
    const compiled = this.#before.then(() => this.#add([...rows.values(), ...panels.values()]))
    this.#before = compiled.catch(() => {})
    await compiled
    const find = (expression: Expression | undefined) => expression && this.#functions.get(keyOf(expression))
    return new FusedRegions(
      regions.flatMap(region => {
        const fused = find(rows.get(region))
        return fused ? [{ region, rows: fused, panels: find(panels.get(region)) }] : []
      }),
    )
  }

  async #add(expressions: readonly Expression[]): Promise<void> {
    const keyed = new Map(expressions.map(expression => [keyOf(expression), expression]))
    const added = [...keyed].filter(([key]) => !this.#functions.has(key))
    const engine = webAssembly()
    if (added.length === 0 || !engine) return
    const { kind, shared } = this.#kernels
    const functions = added.map(([, expression]) => generate(expression, kind === 'relaxed-simd'))
    const module = await engine.compile(encodeModule(functions, PARAMETERS, shared)).catch(() => undefined)
    if (!module) return
    const first = await this.#kernels.add(module)
    added.forEach(([key], i) => {
      this.#functions.set(key, { index: first + i, constants: functions[i].constants })
    })
  }
}

/** The fused regions of a program. */
export class FusedRegions {
  readonly #regions = new Map<Tensor, Compiled>()

  constructor(regions: readonly Compiled[]) {
    for (const entry of regions)
      for (const x of [...entry.region.outputs, ...entry.region.joins.flatMap(outputsOf)]) this.#regions.set(x, entry)
  }

  /** Whether a tensor is a result of a region. */
  has(x: Tensor): boolean {
    return this.#regions.has(x)
  }

  /** Adds the step of the region that computes a tensor. @returns the tensor's value */
  lower(scope: Scope, x: Tensor): (Value | undefined)[] {
    // Asked for a tensor that has one.
    const { region, rows, panels } = this.#regions.get(x)!
    const results =
      panels && prefersPanels(scope, region) ? lowerInPanels(scope, region, panels) : lowerRegion(scope, region, rows)
    for (const [tensor, value] of results) scope.keep(tensor, value)
    return x.node.outputs.map(output => results.get(output))
  }
}

const keyOf = (expression: Expression) => JSON.stringify(expression)
const outputsOf = ({ outputs }: Node) => outputs
