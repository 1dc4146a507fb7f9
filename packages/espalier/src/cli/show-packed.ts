/** What a packed file holds, as a table or JSON. */
import { readPackedHeader } from '../checkpoint/packed-file.ts'
import { describePacked } from '../packing/describe.ts'
import { percent, print, printJson, table, thousands } from './output.ts'

export async function showPacked(file: string, json: boolean): Promise<void> {
  const packed = await readPackedHeader(file)
  const { header, bytes } = packed
  const description = describePacked(packed)
  if (json) return printJson({ generator: header.generator, quality: header.quality ?? [], ...description })
  const weights = description.classes.filter(({ name }) => name !== 'biases')
  const kept = weights.reduce((n, c) => n + c.kept, 0)
  const all = weights.reduce((n, c) => n + c.weights, 0)
  const rows = description.classes.map(c => [
    c.name,
    thousands(c.weights),
    percent(1 - c.kept / c.weights),
    thousands(c.positions),
    thousands(c.values),
    ((c.positions + c.values) / Math.max(1, c.kept)).toFixed(3),
    // Of a class of which nothing is kept a coder has nothing to write.
    c.bound === 0 ? '-' : ((c.positions + c.values) / c.bound).toFixed(4),
  ])
  print(table(['class', 'weights', 'sparsity', 'positions', 'values', 'bytes a kept weight', 'of the bound'], rows))
  print(
    'positions and values are in bytes; the bound is the entropy of positions by the density of a class, plus values',
  )
  print(`${thousands(description.text)} bytes of vocabularies, tokenisers and configuration`)
  for (const { name, value, signature } of header.quality ?? [])
    print(`${name}: ${value.toFixed(2)} ${signature ?? ''}`)
  print(
    `${thousands(bytes)} bytes in all, ${(bytes / Math.max(1, kept)).toFixed(3)} for each of ${thousands(kept)} kept weights ` +
      `(${percent(1 - kept / all)} of ${thousands(all)} are pruned)`,
  )
}
