import type { Random } from '@espalier/engine/random'

/** Random choices, drawn from one stream of random numbers. */
export class Draw {
  constructor(private readonly random: Pick<Random, 'integer' | 'uniform'>) {}

  /** One of the items, all equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.random.integer(items.length)]
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random.uniform() < probability
  }

  /** One of the items, each with a probability proportional to its weight. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T {
    let left = this.random.uniform() * items.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, item] of items) {
      left -= weight
      if (left < 0) return item
    }
    return items[items.length - 1][1]
  }

  /** An integer from low to high, both included. */
  between(low: number, high: number): number {
    return low + this.random.integer(high - low + 1)
  }
}
