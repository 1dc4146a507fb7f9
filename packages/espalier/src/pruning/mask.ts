/** Masks: which weights are kept. */

/** For some tensors, by name, one byte a weight: 1 where it is kept, 0 where it is pruned. Never changed once made. */
export class Mask {
  /** @param kept by tensor name; every number is 0 or 1 */
  constructor(readonly kept: ReadonlyMap<string, Uint8Array>) {}

  /** A mask of some tensors: as `current` has them, and nothing pruned where it has none. */
  static covering(
    tensors: readonly { readonly name: string; readonly data: { readonly length: number } }[],
    current?: Mask,
  ): Mask {
    const kept = new Map(current?.kept)
    for (const { name, data } of tensors) if (!kept.has(name)) kept.set(name, new Uint8Array(data.length).fill(1))
    return new Mask(kept)
  }

  /** The mask of these tensors alone. */
  of(tensors: readonly { readonly name: string }[]): Mask {
    const names = new Set(tensors.map(({ name }) => name))
    return new Mask(new Map([...this.kept].filter(([name]) => names.has(name))))
  }

  get total(): number {
    let n = 0
    for (const mask of this.kept.values()) n += mask.length
    return n
  }

  /** How many weights are pruned, of one tensor or of all. */
  pruned(name?: string): number {
    let n = 0
    for (const [tensor, mask] of this.kept) {
      if (name !== undefined && tensor !== name) continue
      for (let i = 0; i < mask.length; i++) n += 1 - mask[i]
    }
    return n
  }

  /** The fraction that is pruned. */
  get sparsity(): number {
    return this.total === 0 ? 0 : this.pruned() / this.total
  }

  /** Arrays with exactly 0 where the mask prunes: copies, but for those that have it so already or that it does not cover. */
  apply<T extends { readonly shape: readonly number[]; readonly data: Float32Array }>(
    arrays: ReadonlyMap<string, T>,
  ): Map<string, { shape: readonly number[]; data: Float32Array }> {
    return new Map(
      [...arrays].map(([name, { shape, data }]) => {
        const mask = this.kept.get(name)
        const fits = !mask || data.every((w, i) => mask[i] === 1 || w === 0)
        return [name, { shape, data: fits ? data : data.map((w, i) => (mask[i] === 1 ? w : 0)) }]
      }),
    )
  }

  /** Whether every weight that `other` prunes is pruned here too. */
  includes(other: Mask): boolean {
    for (const [name, theirs] of other.kept) {
      const ours = this.kept.get(name)
      if (!ours || theirs.some((kept, i) => kept < ours[i])) return false
    }
    return true
  }
}
