/**
 * Models as those who use them have them: packed into one file, translated with by the runtime on one thread. What they take in
 * bytes and memory, what rounding costs in BLEU, and how many words a second they translate.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Translator } from '@espalier/runtime'
import type { ValueEncoding } from '@espalier/runtime/packed'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import { packModel } from '../packing/pack.ts'
import { markDirectory } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { exists } from '../storage/paths.ts'
import { Interrupted } from '../store/model-store.ts'

/** What is measured of a packed model but its speed. */
export interface PackedMeasurement {
  readonly bytes: number
  /** Bytes of the memory that the kernels work in, after all is translated: it never shrinks, so this is the most there was. */
  readonly memory: number
  readonly translations: readonly string[]
}

/** Sentences that are translated together where speed is measured. */
export const SPEED_BATCH = 32

/** The packed models of a study, one file each. */
export class PackedModels {
  private constructor(
    readonly directory: string,
    readonly values: ValueEncoding,
    readonly beam: number,
  ) {}

  static async open(directory: string, values: ValueEncoding, beam: number): Promise<PackedModels> {
    await markDirectory(directory, 'packed')
    return new PackedModels(directory, values, beam)
  }

  path(name: string): string {
    return join(this.directory, `${name}.espalier`)
  }

  /** Packs a model and translates with it. @param name of the file to keep; none is kept without */
  async measure(model: ModelDirectory, sources: readonly string[], name?: string): Promise<PackedMeasurement> {
    const bytes = await packedBytes(model, this.values)
    if (name !== undefined) await writeFileAtomic(this.path(name), bytes)
    const translator = await Translator.load(bytes)
    try {
      const found = await translator.translate(sources, { beam: this.beam })
      return {
        bytes: bytes.length,
        memory: translator.model?.memory ?? 0,
        translations: found.map(([best]) => best.text),
      }
    } finally {
      await translator.release()
    }
  }

  /** Writes the file of a model that was measured before, unless it is there. @param bytes that it has to have */
  async keep(name: string, bytes: number, model: () => Promise<ModelDirectory>): Promise<void> {
    const path = this.path(name)
    if ((await exists(path)) && (await stat(path)).size === bytes) return
    await writeFileAtomic(path, await packedBytes(await model(), this.values))
  }

  /**
   * Target words (`</s>` included) a second of each, in turns, each round of other sentences as far as there are any. Models are
   * loaded anew for each turn, so that not all of them need to be in memory; loading is not timed.
   * @returns the median of the rounds @throws Interrupted
   */
  async wordsPerSecond(
    names: readonly string[],
    sources: readonly string[],
    {
      rounds = 3,
      sentences = 3 * SPEED_BATCH,
      signal,
    }: { rounds?: number; sentences?: number; signal?: AbortSignal } = {},
  ): Promise<number[]> {
    const speeds = names.map((): number[] => [])
    for (let round = 0; round < rounds; round++) {
      const from = round * (SPEED_BATCH + sentences)
      const lines = Array.from({ length: SPEED_BATCH + sentences }, (_, i) => sources[(from + i) % sources.length])
      for (let k = 0; k < names.length; k++) {
        if (signal?.aborted) throw new Interrupted()
        // Each round starts with another model.
        const turn = (round + k) % names.length
        speeds[turn].push(await timeTurn(await readFile(this.path(names[turn])), lines, this.beam))
      }
    }
    return speeds.map(median)
  }
}

async function packedBytes(model: ModelDirectory, values: ValueEncoding): Promise<Uint8Array> {
  return new Uint8Array(Buffer.concat(await packModel(model, { values })))
}

/** The first batch is not timed: the engine compiles what it has not compiled yet. */
async function timeTurn(bytes: Uint8Array, lines: readonly string[], beam: number): Promise<number> {
  const translator = await Translator.load(bytes)
  try {
    const options = { beam, batchSize: SPEED_BATCH }
    await translator.translate(lines.slice(0, SPEED_BATCH), options)
    const began = performance.now()
    const found = await translator.translate(lines.slice(SPEED_BATCH), options)
    const seconds = (performance.now() - began) / 1000
    return found.reduce((n, [best]) => n + best.tokens.length + 1, 0) / seconds
  } finally {
    await translator.release()
  }
}

/** The number in the middle; of an even number of them, the mean of the two. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
