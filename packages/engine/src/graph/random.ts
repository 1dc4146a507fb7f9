/**
 * Counter-based random numbers: Threefry-2x32 with 13 rounds (Salmon, Moraes, Dror & Shaw, SC 2011, "Parallel random
 * numbers: as easy as 1, 2, 3"). A draw is a pure function of (seed, stream, counter), so a run that is resumed at a
 * step draws what the uninterrupted run would have drawn there: nothing has to be saved but the seed and the step.
 */

/** One Threefry-2x32-13 block: writes the two output words of counter (c0, c1) under key (k0, k1) to `out`. */
export function threefry(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  const k2 = 0x1bd11bda ^ k0 ^ k1
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  // Rounds 1-4
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k1) | 0
  x1 = (x1 + k2 + 1) | 0
  // Rounds 5-8
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
  x0 = (x0 + k2) | 0
  x1 = (x1 + k0 + 2) | 0
  // Rounds 9-12
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k0) | 0
  x1 = (x1 + k1 + 3) | 0
  // Round 13
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  out[0] = x0 >>> 0
  out[1] = x1 >>> 0
}

/**
 * The number of the stream that a name stands for: its FNV-1a hash, in the upper half of the 32-bit numbers. So a named
 * stream never meets one that is numbered below 2^31; two names meet once in 2^31 pairs.
 */
export function namedStream(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash | 0x80000000) >>> 0
}

/** Of a dropout mask: 16 bits below the threshold make a 0, others the number that is kept. */
export function dropoutLevels(rate: number): [threshold: number, keep: number] {
  return [Math.round(rate * 65536), 1 / (1 - rate)]
}

/** A stream of random numbers: a seed, a stream (what they are for) and a position that only this object advances. */
export class Random {
  readonly stream: number
  readonly #words = new Uint32Array(2)
  #counter = 0
  #spare = false

  /**
   * @param seed any 32-bit integer; the user's `--seed`
   * @param stream what the numbers are for: distinct uses take distinct streams. A name (`'shuffling'`) stands for
   *   {@link namedStream}; numbers below 2^31 are for streams that are numbered by hand, or that existed before names
   * @param step a second counter, for example the training step or the epoch
   */
  constructor(
    readonly seed: number,
    stream: number | string,
    readonly step = 0,
  ) {
    this.stream = typeof stream === 'string' ? namedStream(stream) : stream
  }

  /** The next 32 random bits, as an unsigned integer. */
  bits(): number {
    if (this.#spare) {
      this.#spare = false
      return this.#words[1]
    }
    threefry(this.seed | 0, this.stream | 0, this.step | 0, this.#counter++ | 0, this.#words)
    this.#spare = true
    return this.#words[0]
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number {
    return this.bits() / 2 ** 32
  }

  /**
   * A uniform integer in [0, bound), without modulo bias.
   * @throws RangeError where bound is not a whole number from 1 to 2^32
   */
  integer(bound: number): number {
    if (!(bound >= 1 && bound <= 2 ** 32)) throw new RangeError(`a random integer below ${bound}`)
    const limit = 2 ** 32 - (2 ** 32 % bound)
    for (;;) {
      const bits = this.bits()
      if (bits < limit) return bits % bound
    }
  }

  /** Shuffles in place (Fisher-Yates) and returns the array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const item = items[i]
      items[i] = items[j]
      items[j] = item
    }
    return items
  }

  /** Fills with uniform numbers in [low, high). */
  fillUniform(out: Float32Array | Float64Array, low: number, high: number): void {
    const range = high - low
    const words = this.#words
    const [seed, stream, step] = [this.seed | 0, this.stream | 0, this.step | 0]
    let i = 0
    if (this.#spare && out.length > 0) out[i++] = low + range * this.uniform()
    let counter = this.#counter
    for (; i + 2 <= out.length; i += 2) {
      threefry(seed, stream, step, counter++ | 0, words)
      out[i] = low + range * (words[0] / 2 ** 32)
      out[i + 1] = low + range * (words[1] / 2 ** 32)
    }
    this.#counter = counter
    if (i < out.length) out[i] = low + range * this.uniform()
  }

  /**
   * Fills with an inverted-dropout mask: 0 with probability `rate` (to within 2^-16), else 1 / (1 - rate), so that
   * the expectation of mask * x is x.
   */
  fillDropout(out: Float32Array | Float64Array, rate: number): void {
    const [threshold, keep] = dropoutLevels(rate)
    const words = this.#words
    const [seed, stream, step] = [this.seed | 0, this.stream | 0, this.step | 0]
    let counter = this.#counter
    let i = 0
    for (; i + 4 <= out.length; i += 4) {
      threefry(seed, stream, step, counter++ | 0, words)
      const first = words[0]
      const second = words[1]
      // The sign of a difference, without a branch: 0 below the threshold, 1 from it on.
      out[i] = keep * (1 - (((first & 0xffff) - threshold) >>> 31))
      out[i + 1] = keep * (1 - (((first >>> 16) - threshold) >>> 31))
      out[i + 2] = keep * (1 - (((second & 0xffff) - threshold) >>> 31))
      out[i + 3] = keep * (1 - (((second >>> 16) - threshold) >>> 31))
    }
    this.#counter = counter
    for (; i < out.length; i++) out[i] = this.bits() >>> 16 < threshold ? 0 : keep
  }
}
