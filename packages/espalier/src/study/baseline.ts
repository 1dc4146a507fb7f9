/** A model that was trained before, to study instead of training one. */
import { UserError } from '@espalier/runtime'
import { readManifest, trainedConfiguration } from '../checkpoint/model-directory.ts'
import type { Configuration } from '../configuration/configuration.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'

/**
 * The configuration that a model was trained with.
 * @param seeds of the study, if it names any
 * @throws UserError `other-data`, `other-seed`
 */
export async function baselineConfiguration(
  directory: string,
  corpus: PreparedCorpus,
  seeds: readonly number[] | undefined,
): Promise<Configuration> {
  const config = await readManifest(directory)
  if (config.data !== corpus.digests['train.bin'])
    throw new UserError('other-data', `${directory} was trained on other data than ${corpus.directory}`)
  const { seed } = config.training
  if (seeds && !seeds.includes(seed))
    throw new UserError(
      'other-seed',
      `${directory} was trained with seed ${seed}, and study.seeds is [${seeds.join(', ')}]; add its seed, or leave --baseline out`,
    )
  return { ...trainedConfiguration(config), gradual: undefined }
}
