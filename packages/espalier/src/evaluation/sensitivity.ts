/**
 * Sensitivity: what a model loses when one class alone is pruned, and the budget that follows: fractions by class that
 * are expected to hurt all classes alike.
 */
import { parameterSpecs } from '@espalier/runtime/architectures'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import { openBackend } from '../network/backend.ts'
import { type Parameters, weightClasses } from '../network/parameters.ts'
import { compileEvaluation, perplexity } from '../network/perplexity.ts'
import { prune } from '../pruning/prune.ts'
import { classReport } from '../pruning/report.ts'
import { countWeights } from '../pruning/weights.ts'

/** One class pruned alone. */
export interface SensitivityPoint {
  readonly name: string
  readonly fraction: number
  readonly perplexity: number
  /** The largest |w| that went. */
  readonly largestPruned: number
}
export interface Sensitivity {
  /** Of the model as it is. */
  readonly perplexity: number
  readonly weights: Readonly<Record<string, number>>
  readonly points: readonly SensitivityPoint[]
}

export const LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

/** Measures perplexity of many parameters of one network, with one compiled program for all of them. */
export interface PerplexityMeter {
  /** @returns exp of the mean −log p of a target word of the text, `</s>` included */
  measure(parameters: Parameters, text: PairStore): Promise<number>
  release(): Promise<void>
}

export async function perplexityMeter(model: ModelDirectory, threads?: number): Promise<PerplexityMeter> {
  const program = await compileEvaluation(await openBackend(threads), model.config.model)
  return {
    measure(parameters, text) {
      for (const [name, value] of parameters) program.bind(name, value)
      return perplexity(program, text, model.config.model)
    },
    release: () => program.release(),
  }
}

/** Prunes each class by magnitude alone, at each level, without retraining. */
export async function measureSensitivity(
  model: ModelDirectory,
  text: PairStore,
  {
    levels = LEVELS,
    threads,
    meter: given,
    onPoint,
  }: {
    levels?: readonly number[]
    threads?: number
    meter?: PerplexityMeter
    onPoint?(point: SensitivityPoint): void
  } = {},
): Promise<Sensitivity> {
  const classes = weightClasses(parameterSpecs(model.config.model), model.parameters)
  const meter = given ?? (await perplexityMeter(model, threads))
  const points: SensitivityPoint[] = []
  try {
    const whole = await meter.measure(model.parameters, text)
    for (const weightClass of classes)
      for (const fraction of levels) {
        const mask = prune(classes, { scheme: 'class-blind', fraction, only: [weightClass.name] })
        const { largestPruned } = classReport(weightClass, mask)
        const point = {
          name: weightClass.name,
          fraction,
          perplexity: await meter.measure(mask.apply(model.parameters), text),
          largestPruned,
        }
        points.push(point)
        onPoint?.(point)
      }
    const weights = Object.fromEntries(classes.map(c => [c.name, countWeights([c])]))
    return { perplexity: whole, weights, points }
  } finally {
    if (!given) await meter.release()
  }
}

/** No class loses more than this, whatever the curve promises: beyond the last level nothing was measured. */
const MOST = 0.98

/**
 * Fractions by class, for a fraction of all: each class is pruned until the logarithm of perplexity is expected to have
 * risen by the same amount, found by bisection.
 */
export function sensitivityBudget(sensitivity: Sensitivity, fraction: number): Record<string, number> {
  const names = Object.keys(sensitivity.weights)
  const curves = new Map(names.map(name => [name, riseCurve(sensitivity, name)]))
  const total = names.reduce((n, name) => n + sensitivity.weights[name], 0)
  const share = (rise: number) =>
    names.reduce((n, name) => n + sensitivity.weights[name] * fractionAt(curves.get(name)!, rise), 0) / total
  let [low, high] = [0, 1]
  while (share(high) < Math.min(fraction, MOST) - 1e-9 && high < 1e6) high *= 2
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (share(middle) < fraction) low = middle
    else high = middle
  }
  return Object.fromEntries(names.map(name => [name, fractionAt(curves.get(name)!, high)]))
}

/** Points (fraction, rise of log perplexity), made to ascend. */
function riseCurve({ perplexity: whole, points }: Sensitivity, name: string): [fraction: number, rise: number][] {
  const curve: [number, number][] = [[0, 0]]
  for (const point of points.filter(p => p.name === name).sort((a, b) => a.fraction - b.fraction))
    curve.push([point.fraction, Math.max(curve.at(-1)![1], Math.log(point.perplexity / whole))])
  return curve
}

/** The largest fraction of a curve at which the rise is reached; after the last point the last slope goes on. */
function fractionAt(curve: readonly [number, number][], rise: number): number {
  for (let i = 1; i < curve.length; i++) {
    const [[f0, r0], [f1, r1]] = [curve[i - 1], curve[i]]
    if (r1 > rise) return f0 + ((f1 - f0) * (rise - r0)) / (r1 - r0)
  }
  const [[f0, r0], [f1, r1]] = curve.slice(-2)
  const slope = Math.max((r1 - r0) / (f1 - f0), 1e-6)
  return Math.min(MOST, f1 + (rise - r1) / slope)
}
