/** Parallel text in two files: line n of one is the translation of line n of the other. */
import { UserError } from '@espalier/runtime'
import { lines } from '../lines.ts'
import type { SentencePair } from '../sentence-pair.ts'

/** The pairs of two aligned files. @throws UserError `lengths-differ`, and as {@link lines} */
export async function* alignedPairs(
  sourcePath: string,
  targetPath: string,
  onRead?: (bytes: number) => void,
): AsyncGenerator<SentencePair> {
  const sources = lines(sourcePath, { nonEmpty: true, onRead })
  const targets = lines(targetPath, { nonEmpty: true, onRead })
  let number = 0
  try {
    for (;;) {
      const [source, target] = [await sources.next(), await targets.next()]
      if (source.done && target.done) return
      if (source.done || target.done) {
        const more = 1 + (await count(source.done ? targets : sources))
        const [s, t] = source.done ? [number, number + more] : [number + more, number]
        throw new UserError(
          'lengths-differ',
          `${sourcePath} has ${s} lines and ${targetPath} has ${t}; line n of one must be the translation of line n of the other`,
        )
      }
      number++
      yield { source: source.value, target: target.value, line: number }
    }
  } finally {
    await sources.return(undefined)
    await targets.return(undefined)
  }
}

async function count(rest: AsyncGenerator<string>): Promise<number> {
  let n = 0
  for await (const _ of rest) n++
  return n
}
