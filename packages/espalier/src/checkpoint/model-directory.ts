/**
 * A model's directory, which anybody's tools can read:
 *
 *     config.json          the network and how it was trained
 *     tokenizer.json       how text becomes tokens, for both sides
 *     source.vocabulary    one token a line; the line is its id
 *     target.vocabulary
 *     model.safetensors    the parameters; in its metadata the digests of all of these
 *     mask.safetensors     of a pruned model: one bit a weight, 1 where it is kept
 *     scores.safetensors   of a model whose training gathered them: a score a weight, to prune by
 *     epoch-N.safetensors  the parameters after an epoch that was to be kept
 *     last.safetensors     of a model in training: parameters, optimiser and place, to go on from
 *     metrics.jsonl        what training measured, a line each time
 */

import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError, type Vocabulary } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { z } from 'zod'
import { describeIssue } from '../configuration/issues.ts'
import { type NetworkConfig, networkConfigSchema } from '../configuration/network.ts'
import { type GradualConfig, gradualSchema, type TrainingConfig, trainingSchema } from '../configuration/training.ts'
import { readTokenizers } from '../corpus/prepared.ts'
import type { TokenizerConfigs } from '../corpus/prepared-corpus.ts'
import { readVocabularies } from '../corpus/vocabulary-files.ts'
import { type Parameters, weightClasses } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import { IMPORTANCE_KINDS, type ImportanceKind, type ImportanceScores } from '../pruning/scores.ts'
import type { WeightClass } from '../pruning/weights.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { sha256File } from '../storage/digest.ts'
import { parseJson } from '../storage/json.ts'
import { exists } from '../storage/paths.ts'
import { maskFromTensors, maskToTensors } from './mask-file.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors.ts'

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
})

/** What `config.json` holds. */
export interface ModelManifest {
  readonly format: 1
  readonly model: NetworkConfig
  readonly training: TrainingConfig
  /** How the model was pruned while it was trained. */
  readonly gradual?: GradualConfig
  readonly data: string
}

/** A model's directory, read and checked. */
export interface ModelDirectory {
  readonly directory: string
  readonly config: ModelManifest
  readonly tokenizers: TokenizerConfigs
  readonly vocabularies: { readonly source: Vocabulary; readonly target: Vocabulary }
  readonly parameters: Parameters
  readonly mask?: Mask
  readonly scores?: ImportanceScores
}

export async function writeManifest(directory: string, config: ModelManifest): Promise<void> {
  await writeFileAtomic(join(directory, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
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

/** Copies the text side of a prepared corpus, or of another model. */
export async function copyTextFiles(from: string, to: string): Promise<void> {
  for (const file of CORPUS_TEXT_FILES) await copyFile(join(from, file), join(to, file))
}

export function parameterTensors(parameters: Parameters): Map<string, NamedTensor> {
  return new Map([...parameters].map(([name, { shape, data }]) => [name, { dtype: 'F32' as const, shape, data }]))
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
  const metadata: Record<string, string> = { format: 'espalier' }
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

async function readScores(directory: string, parameters: Parameters): Promise<ImportanceScores> {
  const path = join(directory, 'scores.safetensors')
  const { tensors, metadata } = await readSafetensors(path)
  if (!IMPORTANCE_KINDS.includes(metadata.kind as ImportanceKind))
    throw new UserError('damaged-file', `${path} does not say which scores it has`)
  for (const [name, { data }] of tensors)
    if (!(data instanceof Float32Array) || data.length !== parameters.get(name)?.data.length)
      throw new UserError('damaged-file', `${path}: the scores of ${name} do not fit the model`)
  const scores = new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]))
  return { kind: metadata.kind as ImportanceKind, tensors: scores }
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
 * Reads a model and checks every file against its digest.
 * @throws UserError `not-a-model`, `missing-file`, `damaged-file`, naming the file
 */
export async function readModel(directory: string): Promise<ModelDirectory> {
  const config = await readManifest(directory)
  const path = join(directory, 'model.safetensors')
  const { tensors, metadata } = await readSafetensors(path)
  for (const [file, digest] of Object.entries(metadata)) {
    if (file === 'format' || file === 'sha256') continue
    const found = await sha256File(join(directory, file)).catch(() => undefined)
    if (found === undefined) throw new UserError('missing-file', `${join(directory, file)} is missing`)
    if (found !== digest)
      throw new UserError('damaged-file', `${join(directory, file)} was altered or cut: its digest is not the model's`)
  }
  const parameters = checkedParameters(config.model, tensors, path)
  const mask =
    metadata['mask.safetensors'] === undefined
      ? undefined
      : maskFromTensors((await readSafetensors(join(directory, 'mask.safetensors'))).tensors, parameters)
  return {
    directory,
    config,
    tokenizers: await readTokenizers(directory),
    vocabularies: await readVocabularies(directory),
    parameters,
    mask,
    scores: metadata['scores.safetensors'] === undefined ? undefined : await readScores(directory, parameters),
  }
}

/** A network's parameters out of a file's tensors. @throws UserError where one is missing or has another shape */
export function checkedParameters(
  model: NetworkConfig,
  tensors: ReadonlyMap<string, NamedTensor>,
  path: string,
): Parameters {
  return new Map(
    parameterSpecs(model).map(({ name, shape }) => {
      const tensor = tensors.get(name)
      if (!tensor) throw new UserError('damaged-file', `${path} has no tensor ${name}`)
      if (!(tensor.data instanceof Float32Array) || tensor.shape.join() !== shape.join())
        throw new UserError(
          'damaged-file',
          `${path}: ${name} is ${tensor.dtype}[${tensor.shape}], wanted F32[${shape}]`,
        )
      return [name, { shape: tensor.shape, data: tensor.data }]
    }),
  )
}

/** The weight classes of a model. */
export function modelClasses(model: ModelDirectory): WeightClass[] {
  return weightClasses(parameterSpecs(model.config.model), model.parameters)
}
