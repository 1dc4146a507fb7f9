/** `phrasebook`: writes the phrasebook. */
import { join } from 'node:path'
import { phrasebookSplits } from '@espalier/phrasebook'
import { createDirectoryAtomic } from '../../storage/atomic-directory.ts'
import { writeFileAtomic } from '../../storage/atomic-files.ts'
import type { PhrasebookFlags } from '../commands/phrasebook.ts'
import { note, printJson, thousands } from '../output.ts'

/** Pairs of each split. */
export type PhrasebookSizes = Record<'train' | 'valid' | 'test', number>

/** Writes the phrasebook as `train.en`, `train.de`, `valid.…` and `test.…`. */
export async function writePhrasebook(
  out: string,
  options: { pairs: number; seed: number; force: boolean },
): Promise<PhrasebookSizes> {
  return createDirectoryAtomic(out, { kind: 'phrasebook', force: options.force }, async directory => {
    const splits = phrasebookSplits(options)
    for (const name of ['train', 'valid', 'test'] as const) {
      const pairs = splits[name]
      await writeFileAtomic(join(directory, `${name}.en`), pairs.map(({ source }) => `${source}\n`).join(''))
      await writeFileAtomic(join(directory, `${name}.de`), pairs.map(({ target }) => `${target}\n`).join(''))
    }
    return { train: splits.train.length, valid: splits.valid.length, test: splits.test.length }
  })
}

export async function phrasebookAction({ out, pairs, seed, force = false, json }: PhrasebookFlags): Promise<void> {
  const sizes = await writePhrasebook(out, { pairs, seed, force })
  if (json) return printJson({ out, pairs: sizes })
  const { train, valid, test } = sizes
  note(`${thousands(train)} pairs to train on, ${valid} to validate on, ${test} to test on: ${out}`)
}
