/**
 * Training's results in a model's directory. `last.safetensors` is the checkpoint: parameters, the optimiser's state, importance
 * scores and, of a training that prunes gradually, the mask; its metadata says where training was, and with which settings.
 */
import { join } from 'node:path'
import type { ArrayValue } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { describeIssue } from '../configuration/issues.ts'
import { type TrainingConfig, trainingSchema } from '../configuration/training.ts'
import type { Parameters } from '../network/parameters.ts'
import { toWholeArray } from '../pruning/kept-values.ts'
import { parseJson } from '../storage/json.ts'
import { exists } from '../storage/paths.ts'
import type { Convergence } from '../training/convergence.ts'
import type { EpochMetrics } from '../training/metrics.ts'
import { parseState, serialiseState } from '../training/state.ts'
import type { Checkpoint, TrainedModel, TrainingStorage } from '../training/storage.ts'
import { maskFromTensors, maskToTensors } from './mask-file.ts'
import { appendMetrics, truncateMetrics } from './metrics-file.ts'
import {
  type ModelManifest,
  parameterTensors,
  readManifest,
  resealModel,
  writeManifest,
  writeModel,
} from './model-directory.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors.ts'

const CHECKPOINT_FILE = 'last.safetensors'
/** Prefix of a mask's tensors, which have the names of the parameters that they cover. */
const MASK = 'mask/'

/** Whether a directory holds a training to go on with. */
export async function hasCheckpoint(directory: string): Promise<boolean> {
  return exists(join(directory, CHECKPOINT_FILE))
}

/** Settings; options that are newer than the file have their defaults. @throws UserError `damaged-file` */
function parseTraining(text: string, path: string): TrainingConfig {
  const value = parseJson(text, path)
  const parsed = trainingSchema.safeParse(value)
  if (!parsed.success) throw new UserError('damaged-file', `${path}: ${describeIssue(parsed.error, value, 'training')}`)
  return parsed.data
}

/** An array as a tensor of the file, zeros inside; of kept values alone it is made when it is written, and not kept. */
function wholeTensor(array: ArrayValue): NamedTensor {
  return {
    dtype: 'F32',
    shape: array.shape,
    get data() {
      // Training's arrays are float32.
      return toWholeArray(array).data as Float32Array
    },
  }
}

export class DirectoryStorage implements TrainingStorage {
  /** @param location a model's directory, its `config.json` and text files written */
  constructor(readonly location: string) {}

  get #checkpointPath(): string {
    return join(this.location, CHECKPOINT_FILE)
  }

  async saveCheckpoint({ state, training, arrays, mask, data }: Checkpoint): Promise<void> {
    const tensors = new Map<string, NamedTensor>()
    for (const [name, array] of arrays) tensors.set(name, wholeTensor(array))
    if (mask) for (const [name, bits] of maskToTensors(mask)) tensors.set(`${MASK}${name}`, bits)
    const metadata = { place: serialiseState(state), training: JSON.stringify(training), data }
    await writeSafetensors(this.#checkpointPath, tensors, metadata)
  }

  async loadCheckpoint(): Promise<Checkpoint | undefined> {
    const path = this.#checkpointPath
    if (!(await exists(path))) return undefined
    const { tensors, metadata } = await readSafetensors(path)
    const arrays = new Map<string, { shape: readonly number[]; data: Float32Array }>()
    const bits = new Map<string, NamedTensor>()
    for (const [name, tensor] of tensors) {
      if (name.startsWith(MASK)) bits.set(name.slice(MASK.length), tensor)
      else if (tensor.data instanceof Float32Array) arrays.set(name, { shape: tensor.shape, data: tensor.data })
      else throw new UserError('damaged-file', `${path}: ${name} is ${tensor.dtype}, not F32`)
    }
    return {
      state: parseState(metadata.place, path),
      training: metadata.training === undefined ? undefined : parseTraining(metadata.training, path),
      arrays,
      mask: bits.size > 0 ? maskFromTensors(bits, arrays) : undefined,
      data: metadata.data,
    }
  }

  async truncateMetrics(position: number): Promise<void> {
    await truncateMetrics(this.location, position)
  }

  async appendMetrics(metrics: EpochMetrics): Promise<number> {
    return appendMetrics(this.location, metrics)
  }

  async writeModel({ parameters, mask, scores }: TrainedModel): Promise<void> {
    await writeModel(this.location, parameters, { mask, scores })
  }

  async writeSnapshot(epoch: number, parameters: Parameters): Promise<void> {
    await writeSafetensors(join(this.location, `epoch-${epoch}.safetensors`), parameterTensors(parameters))
  }

  async writeSettings(training: TrainingConfig): Promise<void> {
    await this.#changeManifest({ training, convergence: undefined })
  }

  async writeConvergence(convergence: Convergence): Promise<void> {
    await this.#changeManifest({ convergence })
  }

  async #changeManifest(changes: Partial<ModelManifest>): Promise<void> {
    await writeManifest(this.location, { ...(await readManifest(this.location)), ...changes })
    // The model's file holds the digest of config.json.
    await resealModel(this.location)
  }
}
