/**
 * Sensitivity: what a model loses when one class alone is pruned, and the budget that follows: fractions by class that
 * are expected to hurt all classes alike.
 */
import { UserError } from '@espalier/runtime'
import { type ModelDirectory, modelClasses } from '../checkpoint/model-directory.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import { prune } from '../pruning/prune.ts'
import { classReport, classReports } from '../pruning/report.ts'
import { countWeights } from '../pruning/weights.ts'
import { type PerplexityMeter, perplexityMeter } from './perplexity.ts'

/** One class pruned alone. */
export interface SensitivityPoint {
  readonly name: string
  readonly fraction: number
  readonly perplexity: number
  /** The largest |w| that is pruned. */
  readonly largestPruned: number
}
export interface Sensitivity {
  /** Of the model as it is. */
  readonly perplexity: number
  readonly weights: Readonly<Record<string, number>>
  /** Fraction of each class that was pruned before; none where it is absent. */
  readonly pruned?: Readonly<Record<string, number>>
  readonly points: readonly SensitivityPoint[]
}

export const LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

export interface SensitivityOptions {
  /** Fractions at which each class is pruned; default {@link LEVELS}. */
  readonly levels?: readonly number[]
  /** Inside an operator; default all cores. */
  readonly threads?: number
  /** Default: one is opened for the model, and released; one that is given stays open. */
  readonly meter?: PerplexityMeter
  onPoint?(point: SensitivityPoint): void
}

/**
 * Prunes each class by magnitude alone, at each level, without retraining. Levels below what is pruned already change nothing.
 * @param text to measure perplexity on
 */
export async function measureSensitivity(
  model: ModelDirectory,
  text: PairStore,
  options: SensitivityOptions = {},
): Promise<Sensitivity> {
  const { levels = LEVELS, threads, onPoint } = options
  const classes = modelClasses(model)
  const meter = options.meter ?? (await perplexityMeter(model, threads))
  const points: SensitivityPoint[] = []
  try {
    const whole = await meter.measure(model.parameters, text)
    for (const weightClass of classes)
      for (const fraction of levels) {
        const mask = prune(classes, { fraction, only: [weightClass.name] })
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
    if (!model.mask) return { perplexity: whole, weights, points }
    const reports = classReports(classes, model.mask)
    const pruned = Object.fromEntries(reports.map(c => [c.name, c.pruned / Math.max(1, c.weights)]))
    return { perplexity: whole, weights, pruned, points }
  } finally {
    if (!options.meter) await meter.release()
  }
}

/** Beyond the last level nothing was measured: no class loses more than this, unless more is asked for of all. */
const MOST = 0.98

/**
 * Fractions by class, for a fraction of all: each class is pruned until the logarithm of perplexity is expected to have
 * risen by the same amount, found by bisection. No class gets less than is pruned of it already.
 * @param fraction of the weights of all classes that are chosen, in [0, 1)
 * @param options classes to prune, or to leave as they are, as {@link prune} takes them
 * @throws UserError `fraction` outside [0, 1), or below what is pruned already; `not-finite` where the model has no perplexity
 */
export function sensitivityBudget(
  sensitivity: Sensitivity,
  fraction: number,
  { only, except = [] }: { readonly only?: readonly string[]; readonly except?: readonly string[] } = {},
): Record<string, number> {
  const { weights, pruned = {}, perplexity } = sensitivity
  if (!(fraction >= 0 && fraction < 1)) throw new UserError('fraction', `--fraction ${fraction} is not in [0, 1)`)
  if (!Number.isFinite(perplexity))
    throw new UserError('not-finite', `the model's perplexity is ${perplexity}: sensitivity cannot be measured`)
  const names = Object.keys(weights).filter(name => (only?.includes(name) ?? true) && !except.includes(name))
  const total = names.reduce((n, name) => n + weights[name], 0)
  const before = names.reduce((n, name) => n + weights[name] * (pruned[name] ?? 0), 0) / Math.max(1, total)
  if (Math.round(before * total) > Math.round(fraction * total))
    throw new UserError(
      'fraction',
      `--fraction ${fraction} is too small: ${before.toFixed(4)} of the weights are pruned already; choose more`,
    )
  const most = Math.max(MOST, fraction)
  const curves = names.map(name => ({ name, weights: weights[name], curve: riseCurve(sensitivity, name) }))
  const share = (rise: number) =>
    curves.reduce((n, { weights, curve }) => n + weights * fractionAt(curve, rise, most), 0) / Math.max(1, total)
  let [low, high] = [0, 1]
  while (share(high) < fraction - 1e-9 && high < 1e6) high *= 2
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (share(middle) < fraction) low = middle
    else high = middle
  }
  return Object.fromEntries(curves.map(({ name, curve }) => [name, fractionAt(curve, high, most)]))
}

/** Where a pruned model has no finite perplexity: beyond the logarithm of any number. */
const MOST_RISE = 1000

/** Points (fraction, rise of log perplexity), made to ascend; they begin at what is pruned already. */
function riseCurve(sensitivity: Sensitivity, name: string): [fraction: number, rise: number][] {
  const { perplexity: whole, points, pruned = {} } = sensitivity
  const first = pruned[name] ?? 0
  const curve: [number, number][] = [[first, 0]]
  for (const point of points.filter(p => p.name === name).sort((a, b) => a.fraction - b.fraction)) {
    if (point.fraction <= first) continue
    const rise = Math.log(point.perplexity / whole)
    curve.push([point.fraction, Math.max(curve[curve.length - 1][1], Number.isFinite(rise) ? rise : MOST_RISE)])
  }
  return curve
}

/** The largest fraction of a curve at which the rise is reached; after the last point the last slope goes on. */
function fractionAt(curve: readonly [number, number][], rise: number, most: number): number {
  for (let i = 1; i < curve.length; i++) {
    const [[f0, r0], [f1, r1]] = [curve[i - 1], curve[i]]
    if (r1 > rise) return f0 + ((f1 - f0) * (rise - r0)) / (r1 - r0)
  }
  const [f1, r1] = curve[curve.length - 1]
  // A curve of one point has no slope; where all is pruned that was measured, any will do.
  const [f0, r0] = curve.at(-2) ?? [f1 - 1, r1 - 1]
  const slope = Math.max((r1 - r0) / (f1 - f0), 1e-6)
  return Math.min(most, f1 + (rise - r1) / slope)
}
