/**
 * What a study's time went into: training, translating, measuring perplexity, and everything else, which is the study's own. It is
 * kept in a file, so that it counts over interruptions; what was not yet kept when the program was killed does not count.
 */
import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { parseJson } from '../storage/json.ts'
import { exists } from '../storage/paths.ts'
import type { Seconds } from './results.ts'

type Named = Exclude<keyof Seconds, 'other'>

export class TimeSpent {
  #began = performance.now()
  /** Of what has a name, since it was last kept. */
  #named = 0

  private constructor(
    readonly path: string,
    readonly seconds: Seconds,
  ) {}

  static async open(path: string): Promise<TimeSpent> {
    const none = { training: 0, translating: 0, perplexity: 0, other: 0 }
    const found = (await exists(path)) ? (parseJson(await readFile(path, 'utf8'), path) as Partial<Seconds>) : {}
    return new TimeSpent(path, { ...none, ...found })
  }

  /** Does a work and adds its time. @returns its result, and how many seconds it took */
  async measure<T>(what: Named, work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
    const began = performance.now()
    const note = () => {
      const seconds = (performance.now() - began) / 1000
      this.seconds[what] += seconds
      this.#named += seconds
      return seconds
    }
    try {
      const result = await work()
      return { result, seconds: note() }
    } catch (error) {
      note()
      throw error
    }
  }

  /** Adds what passed besides, and writes all. */
  async keep(): Promise<Seconds> {
    const now = performance.now()
    this.seconds.other += Math.max(0, (now - this.#began) / 1000 - this.#named)
    this.#began = now
    this.#named = 0
    await writeFileAtomic(this.path, `${JSON.stringify(this.seconds)}\n`)
    return { ...this.seconds }
  }
}
