import { Vocabulary } from '@espalier/runtime'
import { expect, test } from 'vitest'
import { assertSameVocabularies } from '../../src/checkpoint/model-directory.ts'

const SPECIAL = ['<pad>', '<unk>', '<s>', '</s>']
const side = (directory: string, source: string[], target: string[]) => ({
  directory,
  vocabularies: { source: new Vocabulary([...SPECIAL, ...source]), target: new Vocabulary([...SPECIAL, ...target]) },
})

test('data of other vocabularies is refused by the side that differs', () => {
  const model = side('model', ['a', 'b'], ['x'])
  assertSameVocabularies(model, side('data', ['a', 'b'], ['x']))
  for (const [other, named] of [
    [side('data', ['b', 'a'], ['x']), 'source'],
    [side('data', ['a', 'b'], ['x', 'y']), 'target'],
  ] as const)
    expect(() => assertSameVocabularies(model, other)).toThrow(
      expect.objectContaining({ code: 'other-data', message: expect.stringContaining(`its ${named} vocabulary`) }),
    )
})
