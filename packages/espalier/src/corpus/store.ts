/**
 * Sentence pairs as token ids, in memory and on disk.
 *
 * The file: little-endian int32 numbers; the magic number, the version, the number of pairs; then for each pair the
 * source length, the target length, the source ids, the target ids (without `<s>` and `</s>`).
 */
import { open } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import { writeFileAtomic } from '../storage/atomic-files.ts'

const MAGIC = 0x4c505345
const VERSION = 1
/** Numbers before the first pair. */
const HEADER = 3

/** Numbers held before they are written. */
const WRITE_NUMBERS = 1 << 18

/** A pair as token ids, without `<s>` and `</s>`. */
export interface IdPair {
  readonly source: readonly number[]
  readonly target: readonly number[]
}

function appendPair(numbers: number[], { source, target }: IdPair): void {
  numbers.push(source.length, target.length)
  for (const id of source) numbers.push(id)
  for (const id of target) numbers.push(id)
}

/** Writes a file of pairs as they come, `length` of them. */
export async function writePairs(path: string, length: number, pairs: AsyncIterable<IdPair>): Promise<void> {
  async function* bytes() {
    let numbers = [MAGIC, VERSION, length]
    let written = 0
    for await (const pair of pairs) {
      appendPair(numbers, pair)
      written++
      if (numbers.length < WRITE_NUMBERS) continue
      yield new Uint8Array(Int32Array.from(numbers).buffer)
      numbers = []
    }
    if (written !== length) throw new UserError('input-changed', `the training text changed while it was being read`)
    yield new Uint8Array(Int32Array.from(numbers).buffer)
  }
  await writeFileAtomic(path, bytes())
}

/** Pairs of token ids, by index. */
export class PairStore {
  /** Start of each pair's source ids, and of its target ids. */
  readonly #places: Int32Array

  /**
   * @param numbers the file's content after its header
   * @throws RangeError where the lengths are not those of `length` pairs
   */
  constructor(
    readonly length: number,
    readonly numbers: Int32Array,
  ) {
    if (!(length >= 0 && length <= numbers.length / 2)) throw new RangeError('more pairs than numbers')
    this.#places = new Int32Array(length)
    let at = 0
    for (let i = 0; i < length; i++) {
      if (!(numbers[at] >= 0 && numbers[at + 1] >= 0)) throw new RangeError('a length below zero')
      this.#places[i] = at
      at += 2 + numbers[at] + numbers[at + 1]
    }
    if (at !== numbers.length) throw new RangeError('lengths do not add up')
  }

  sourceLength(i: number): number {
    return this.numbers[this.#places[i]]
  }
  targetLength(i: number): number {
    return this.numbers[this.#places[i] + 1]
  }
  source(i: number): Int32Array {
    const at = this.#places[i] + 2
    return this.numbers.subarray(at, at + this.sourceLength(i))
  }
  target(i: number): Int32Array {
    const at = this.#places[i] + 2 + this.sourceLength(i)
    return this.numbers.subarray(at, at + this.targetLength(i))
  }

  /** A store of pairs given as ids. */
  static of(pairs: Iterable<IdPair>): PairStore {
    const numbers: number[] = []
    let length = 0
    for (const pair of pairs) {
      appendPair(numbers, pair)
      length++
    }
    return new PairStore(length, Int32Array.from(numbers))
  }

  /** Reads a file of pairs. @throws UserError `missing-file`, `damaged-data` */
  static async read(path: string): Promise<PairStore> {
    const damaged = (why: string) => new UserError('damaged-data', `${path}: ${why}; prepare the data again`)
    const numbers = await readNumbers(path)
    if (numbers[0] !== MAGIC) throw damaged('not a file of prepared pairs')
    if (numbers[1] !== VERSION) throw damaged(`format version ${numbers[1]}, this program reads ${VERSION}`)
    try {
      return new PairStore(numbers[2], numbers.subarray(HEADER))
    } catch {
      throw damaged('truncated or altered')
    }
  }
}

/** The whole numbers of a file, in pieces: a single read takes 2 GiB at most. */
async function readNumbers(path: string): Promise<Int32Array> {
  const file = await open(path, 'r').catch(() => {
    throw new UserError('missing-file', `${path} is missing; prepare the data again`)
  })
  try {
    const numbers = new Int32Array(Math.floor((await file.stat()).size / 4))
    const bytes = new Uint8Array(numbers.buffer)
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, 1 << 28), done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return numbers
  } finally {
    await file.close()
  }
}
