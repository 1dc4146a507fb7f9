/**
 * A model's directory, which anybody's tools can read:
 *
 *     config.json          the network and how it was trained
 *     tokenizer.json       how text becomes tokens, for both sides
 *     source.vocabulary    one token a line; the line is its id
 *     target.vocabulary
 *     model.safetensors    the parameters; in its metadata the digests of all of these
 *     mask.safetensors     of a pruned model: one bit a weight, 1 where it is kept
 *     scores.safetensors   of a model whose training accumulated them: an importance score a weight
 *     epoch-N.safetensors  the parameters after an epoch that was to be kept
 *     last.safetensors     of a model in training: parameters, optimiser and progress, to resume from
 *     metrics.jsonl        what training measured, a line each time
 */

import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError, type Vocabulary } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { z } from 'zod'
import type { Configuration } from '../configuration/configuration.ts'
import { describeIssue } from '../configuration/issues.ts'
import { type NetworkConfig, networkConfigSchema } from '../configuration/network.ts'
import { type GradualConfig, gradualSchema, type TrainingConfig, trainingSchema } from '../configuration/training.ts'
import { parseTokenizers } from '../corpus/prepared.ts'
import type { PreparedCorpus, TokenizerConfigs } from '../corpus/prepared-corpus.ts'
import { parseVocabulary } from '../corpus/vocabulary-files.ts'
import { type Parameters, weightClasses } from '../network/parameters.ts'
import { refuseNonFinite } from '../pruning/finite.ts'
import type { Mask } from '../pruning/mask.ts'
import { IMPORTANCE_KINDS, type ImportanceScores } from '../pruning/scores.ts'
import type { WeightClass } from '../pruning/weights.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { sha256, sha256File } from '../storage/digest.ts'
import { parseJson } from '../storage/json.ts'
import { exists } from '../storage/paths.ts'
import type { Convergence } from '../training/convergence.ts'
import { maskFromTensors, maskToTensors } from './mask-file.ts'
import { type NamedTensor, OWN_FORMAT, readSafetensors, type SafetensorsFile, writeSafetensors } from './safetensors.ts'

/** The text side of a model, copied from the data it is trained on. */
export const CORPUS_TEXT_FILES = ['tokenizer.json', 'source.vocabulary', 'target.vocabulary']
const COMPANIONS = ['config.json', ...CORPUS_TEXT_FILES]

const configSchema = z.object({
  format: z.literal(1),
  model: networkConfigSchema,
  training: trainingSchema,
  gradual: gradualSchema.optional(),
  /** Digest of the prepared training text. */
  data: z.string(),
  convergence: z.object({ converged: z.boolean(), reason: z.string() }).optional(),
})

/** What `config.json` holds. */
export interface ModelManifest {
  readonly format: 1
  readonly model: NetworkConfig
  readonly training: TrainingConfig
  /** How the model was pruned while it was trained. */
  readonly gradual?: GradualConfig
  readonly data: string
  /** Whether training had converged when it ended; older models do not say it. */
  readonly convergence?: Convergence
}

/** A model, read and checked: from its directory, or from a packed file. */
export interface ModelDirectory {
  /** Where it was read from. */
  readonly directory: string
  readonly config: ModelManifest
  /** `config.json`, `tokenizer.json` and the vocabularies as they stand in their files, by name. */
  readonly texts: ReadonlyMap<string, string>
  readonly tokenizers: TokenizerConfigs
  readonly vocabularies: { readonly source: Vocabulary; readonly target: Vocabulary }
  readonly parameters: Parameters
  readonly mask?: Mask
  readonly scores?: ImportanceScores
  /** Of a model that was read from a packed file: the file's bytes. */
  readonly packed?: Uint8Array<ArrayBuffer>
}

export async function writeManifest(directory: string, config: ModelManifest): Promise<void> {
  await writeFileAtomic(join(directory, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
}

/** The configuration that a model was trained with, as one would give it for another. */
export function trainedConfiguration({ model, training, gradual }: ModelManifest): Configuration {
  const { sourceVocabulary: _source, targetVocabulary: _target, ...network } = model
  return { model: network, training, gradual }
}

export async function readManifest(directory: string): Promise<ModelManifest> {
  const path = join(directory, 'config.json')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('not-a-model', `${directory} is not a model: it has no config.json`)
  })
  return parseManifest(text, path)
}

/** Checks what `config.json` holds. @param path named in errors */
export function parseManifest(text: string, path: string): ModelManifest {
  const value = parseJson(text, path)
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) throw new UserError('damaged-file', `${path}: ${describeIssue(parsed.error, value)}`)
  return parsed.data as ModelManifest
}

/** Writes the text side of a model that was read. */
export async function writeTextFiles(directory: string, { texts }: ModelDirectory): Promise<void> {
  for (const file of COMPANIONS) await writeFileAtomic(join(directory, file), texts.get(file)!)
}

/** Copies the text side of a prepared corpus, or of another model. */
export async function copyTextFiles(from: string, to: string): Promise<void> {
  for (const file of CORPUS_TEXT_FILES) await copyFile(join(from, file), join(to, file))
}

export function parameterTensors(parameters: Parameters): Map<string, NamedTensor> {
  // The data may be made whole when it is asked for.
  const tensor = (value: { readonly shape: readonly number[]; readonly data: Float32Array }): NamedTensor => ({
    dtype: 'F32',
    shape: value.shape,
    get data() {
      return value.data
    },
  })
  return new Map([...parameters].map(([name, value]) => [name, tensor(value)]))
}

/** Writes `mask.safetensors`, if there is a mask, and `model.safetensors`, which seals the directory with digests. */
export async function writeModel(
  directory: string,
  parameters: Parameters,
  { mask, scores }: { readonly mask?: Mask; readonly scores?: ImportanceScores } = {},
): Promise<void> {
  const companions = [...COMPANIONS]
  if (mask) {
    companions.push('mask.safetensors')
    await writeSafetensors(join(directory, 'mask.safetensors'), maskToTensors(mask))
  }
  if (scores) {
    companions.push('scores.safetensors')
    await writeSafetensors(join(directory, 'scores.safetensors'), scoreTensors(scores, parameters), {
      kind: scores.kind,
    })
  }
  const metadata: Record<string, string> = { format: OWN_FORMAT }
  for (const file of companions) metadata[file] = await sha256File(join(directory, file))
  await writeSafetensors(join(directory, 'model.safetensors'), parameterTensors(parameters), metadata)
}

/** Brings the digest of `config.json` in `model.safetensors` up to date, where there is a model. */
export async function resealModel(directory: string): Promise<void> {
  const path = join(directory, 'model.safetensors')
  if (!(await exists(path))) return
  const { tensors, metadata } = await readSafetensors(path)
  const config = await sha256File(join(directory, 'config.json'))
  await writeSafetensors(path, tensors, { ...metadata, 'config.json': config })
}

function scoreTensors({ tensors }: ImportanceScores, parameters: Parameters): Map<string, NamedTensor> {
  return new Map(
    [...tensors].map(([name, data]) => [name, { dtype: 'F32' as const, shape: parameters.get(name)!.shape, data }]),
  )
}

function parseScores({ tensors, metadata }: SafetensorsFile, parameters: Parameters, path: string): ImportanceScores {
  const kind = IMPORTANCE_KINDS.find(name => name === metadata.kind)
  if (kind === undefined) throw new UserError('damaged-file', `${path} does not say which scores it has`)
  const scores = new Map<string, Float32Array>()
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array) || data.length !== parameters.get(name)?.data.length)
      throw new UserError('damaged-file', `${path}: the scores of ${name} do not fit the model`)
    scores.set(name, data)
  }
  return { kind, tensors: scores }
}

/** The parameters that training kept after an epoch. @throws UserError `missing-file` */
export async function readSnapshot(directory: string, epoch: number, model: NetworkConfig): Promise<Parameters> {
  const path = join(directory, `epoch-${epoch}.safetensors`)
  if (!(await exists(path)))
    throw new UserError(
      'missing-file',
      `${path} is missing: to rewind there, train with --set training.snapshots=[${epoch}]`,
    )
  return checkedParameters(model, (await readSafetensors(path)).tensors, path)
}

/**
 * Reads a model and checks every file against its digest. Each file is read once.
 * @throws UserError `not-a-model`, `missing-file`, `damaged-file`, naming the file; `not-finite`, naming tensor and place
 */
export async function readModel(directory: string): Promise<ModelDirectory> {
  const configBytes = await readFile(join(directory, 'config.json')).catch(() => {
    throw new UserError('not-a-model', `${directory} is not a model: it has no config.json`)
  })
  const path = join(directory, 'model.safetensors')
  const { tensors, metadata } = await readSafetensors(path)
  const texts = new Map<string, string>()
  for (const file of COMPANIONS) {
    const bytes = file === 'config.json' ? configBytes : await readCompanion(directory, file)
    if (sha256(bytes) !== metadata[file])
      throw new UserError('damaged-file', `${join(directory, file)} was altered or cut: its digest is not the model's`)
    texts.set(file, bytes.toString('utf8'))
  }
  const config = parseManifest(texts.get('config.json')!, join(directory, 'config.json'))
  const parameters = checkedParameters(config.model, tensors, path)
  const sealed = async (file: string) => {
    if (metadata[file] === undefined) return undefined
    return readSafetensors(join(directory, file), { digest: metadata[file] })
  }
  const [mask, scores] = [await sealed('mask.safetensors'), await sealed('scores.safetensors')]
  const vocabulary = (name: string) => parseVocabulary(texts.get(name)!, join(directory, name))
  return {
    directory,
    config,
    texts,
    tokenizers: parseTokenizers(texts.get('tokenizer.json')!, join(directory, 'tokenizer.json')),
    vocabularies: { source: vocabulary('source.vocabulary'), target: vocabulary('target.vocabulary') },
    parameters,
    mask: mask && maskFromTensors(mask.tensors, parameters),
    scores: scores && parseScores(scores, parameters, join(directory, 'scores.safetensors')),
  }
}

async function readCompanion(directory: string, file: string): Promise<Buffer> {
  return readFile(join(directory, file)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UserError('missing-file', `${join(directory, file)} is missing`)
    throw error
  })
}

/** A network's parameters out of a file's tensors. @throws UserError where one is missing, has another shape, or is not finite */
export function checkedParameters(
  model: NetworkConfig,
  tensors: ReadonlyMap<string, NamedTensor>,
  path: string,
): Parameters {
  const parameters = new Map(
    parameterSpecs(model).map(({ name, shape }) => {
      const tensor = tensors.get(name)
      if (!tensor) throw new UserError('damaged-file', `${path} has no tensor ${name}`)
      if (!(tensor.data instanceof Float32Array) || tensor.shape.join() !== shape.join())
        throw new UserError(
          'damaged-file',
          `${path}: ${name} is ${tensor.dtype}[${tensor.shape}]; the network's is F32[${shape}]`,
        )
      return [name, { shape: tensor.shape, data: tensor.data }] as const
    }),
  )
  refuseNonFinite(parameters, path)
  return parameters
}

/** The weight classes of a model. */
export function modelClasses(model: ModelDirectory): WeightClass[] {
  return weightClasses(parameterSpecs(model.config.model), model.parameters)
}

/**
 * Makes sure that prepared data has a model's vocabularies: its token ids mean something else otherwise.
 * @throws UserError `other-data`
 */
export function assertSameVocabularies(
  model: Pick<ModelDirectory, 'directory' | 'vocabularies'>,
  corpus: Pick<PreparedCorpus, 'directory' | 'vocabularies'>,
): void {
  for (const side of ['source', 'target'] as const)
    if (corpus.vocabularies[side].tokens.join('\n') !== model.vocabularies[side].tokens.join('\n'))
      throw new UserError(
        'other-data',
        `${corpus.directory}: its ${side} vocabulary is not that of ${model.directory}; prepare both from one text`,
      )
}
