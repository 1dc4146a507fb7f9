/** A study's directory: begun, or recognised as this study's. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import type { Configuration } from '../configuration/configuration.ts'
import { markDirectory } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { MARKER } from '../storage/directory-kinds.ts'
import { parseJson } from '../storage/json.ts'
import { exists } from '../storage/paths.ts'
import { digestOf, essentialConfiguration, withoutDefaults } from '../store/model-key.ts'
import { type StudyConfiguration, studySchema } from './configuration.ts'

/** What `study.json` says. */
interface StudyManifest {
  readonly format: 1
  /** Digest of the training text. */
  readonly data: string
  /** Digest of the test sets. */
  readonly test: string
  readonly configuration: Configuration & { readonly study: StudyConfiguration }
}

export interface StudyIdentity extends Omit<StudyManifest, 'format'> {
  readonly out: string
  /** Where the training text is, for messages. */
  readonly corpus: string
  /** Go on where the configuration is another. */
  readonly update: boolean
}

/**
 * Begins a study's directory, or recognises it. A study that is there may get more seeds after those it has.
 * @throws UserError `other-data`, `other-configuration`, `no-study`, `output-exists`
 */
export async function openStudyDirectory({ out, corpus, update, ...identity }: StudyIdentity): Promise<void> {
  const path = join(out, 'study.json')
  const manifest: StudyManifest = { format: 1, ...identity }
  if (await exists(path)) {
    const found = parseJson(await readFile(path, 'utf8'), path) as StudyManifest
    if (found.data !== manifest.data)
      throw new UserError('other-data', `${out} is a study of other data than ${corpus}`)
    if (!update && digest(found) !== digest(manifest))
      throw new UserError(
        'other-configuration',
        `${out} is a study with another configuration or test text (see ${path}); --update goes on with this one`,
      )
    const [before, now] = [found, manifest].map(seedsOf)
    if (!update && before.some((seed, i) => now[i] !== seed))
      throw new UserError(
        'other-configuration',
        `${out} is a study of seeds [${before.join(', ')}] (see ${path}); more may follow these, and --update goes on with others`,
      )
  } else if (update)
    throw new UserError('no-study', `--update goes on with a study, and ${out} holds none; leave --update out`)
  else if ((await exists(out)) && (await readdir(out)).some(name => name !== MARKER))
    throw new UserError('output-exists', `${out} exists and is no study; choose another --out`)
  await markDirectory(out, 'study')
  await writeFileAtomic(path, `${JSON.stringify(manifest, null, 2)}\n`)
}

/** A study that says nothing of seeds has that of its training. */
const seedsOf = ({ configuration: { study, training } }: StudyManifest) => study.seeds ?? [training.seed]

/**
 * Options that have their defaults do not count, so that a study can be continued by a program that has more of them; nor do
 * seeds, which may become more.
 */
function digest({ data, test, configuration: { study, ...configuration } }: StudyManifest): string {
  const { model, training } = configuration
  return digestOf({
    data,
    test,
    configuration: essentialConfiguration({ model, training: { ...training, seed: 0 }, gradual: undefined }),
    study: withoutDefaults(studySchema, { ...study, seeds: undefined }),
  })
}
