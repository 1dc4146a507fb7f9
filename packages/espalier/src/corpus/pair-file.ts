/**
 * Files of sentence pairs as token ids: little-endian int32 numbers; the magic number, the version, the number of pairs;
 * then for each pair the source length, the target length, the source ids, the target ids (without `<s>` and `</s>`).
 */
import { open } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { appendPair, type IdPair, PairStore } from './pair-store.ts'

const MAGIC = 0x4c505345
const VERSION = 1
/** Numbers before the first pair. */
const HEADER_NUMBERS = 3
/** Numbers held before they are written. */
const WRITE_NUMBERS = 1 << 18

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

/** Reads a file of pairs into memory. @throws UserError `missing-file`, `damaged-data` */
export async function readPairs(path: string): Promise<PairStore> {
  const damaged = (why: string) => new UserError('damaged-data', `${path}: ${why}; prepare the data again`)
  const numbers = await readNumbers(path)
  if (numbers[0] !== MAGIC) throw damaged('not a file of prepared pairs')
  if (numbers[1] !== VERSION) throw damaged(`format version ${numbers[1]}, this program reads ${VERSION}`)
  try {
    return new PairStore(numbers[2], numbers.subarray(HEADER_NUMBERS))
  } catch {
    throw damaged('truncated or altered')
  }
}

/** The integers of a file, in pieces: a single read takes 2 GiB at most. */
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
