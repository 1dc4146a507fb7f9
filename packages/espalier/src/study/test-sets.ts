/** The texts that a study's models are scored on: test sets with names, together and each by itself. */
import { UserError } from '@espalier/runtime'
import { digestOf } from '../store/model-key.ts'

/** A text to translate and its translation. */
export interface TestText {
  readonly sources: readonly string[]
  readonly references: readonly string[]
}

export interface TestSet extends TestText {
  readonly name: string
}

/** What a single set is called that was given no name. */
export const UNNAMED_TEST = 'test'

/** @throws UserError `no-test`, `duplicate-test`, `lengths-differ`, `empty-file` */
export function checkTestSets(sets: readonly TestSet[]): void {
  if (sets.length === 0) throw new UserError('no-test', 'a study needs one test set at least')
  const names = sets.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new UserError('duplicate-test', `there are two test sets of the name ${twice}; give each its own`)
  for (const { name, sources, references } of sets) {
    if (sources.length === 0) throw new UserError('empty-file', `test set ${name} has no sentences`)
    if (sources.length !== references.length)
      throw new UserError(
        'lengths-differ',
        `test set ${name} has ${sources.length} sentences and ${references.length} references; each needs one`,
      )
  }
}

/** All sets as one text, one after the other. */
export const poolTestSets = (sets: readonly TestSet[]): TestText => ({
  sources: sets.flatMap(({ sources }) => sources),
  references: sets.flatMap(({ references }) => references),
})

/** A digest of the texts, and of their names where there are several. */
export function testDigest(sets: readonly TestSet[]): string {
  const [{ name, ...text }] = sets
  return digestOf(sets.length === 1 && name === UNNAMED_TEST ? text : sets)
}
