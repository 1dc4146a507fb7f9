/** Pruning any safetensors file: classes are given by patterns of tensor names, so that models of other programs can be pruned. */
import { UserError } from '@espalier/runtime'
import { z } from 'zod'
import { FLOAT_TYPES, toFloat32, withZeros } from '../checkpoint/float-types.ts'
import {
  type NamedTensor,
  readSafetensors,
  replaceTensors,
  safetensorsParts,
  type TensorData,
} from '../checkpoint/safetensors.ts'
import { refuseNonFinite } from '../pruning/finite.ts'
import { Mask } from '../pruning/mask.ts'
import { type PruneOptions, prune } from '../pruning/prune.ts'
import { type ClassReport, classReports } from '../pruning/report.ts'
import { selectClasses, type WeightClass, type WeightTensor } from '../pruning/weights.ts'
import { writeOutputFile } from '../storage/atomic-files.ts'
import { checkOutput } from '../storage/outputs.ts'
import { checkArguments } from './arguments.ts'

const patternsSchema = z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
/** Name patterns by class; `*` stands for any characters. */
export type ClassPatterns = Readonly<Record<string, readonly string[]>>

/** Checks the content of a file of classes. @throws UserError `classes` */
export function parseClasses(value: unknown, origin: string): ClassPatterns {
  const parsed = patternsSchema.safeParse(value)
  if (!parsed.success || Object.keys(parsed.data).length === 0)
    throw new UserError(
      'classes',
      `${origin} does not hold classes with name patterns, as in\n  encoder: [encoder.rnn.weight_*]`,
    )
  return Object.fromEntries(Object.entries(parsed.data).map(([name, list]) => [name, [list].flat()]))
}

/**
 * The tensors that patterns name, by class.
 * @throws UserError `classes`: a pattern that matches nothing, a tensor in two classes, or one of a type that is not pruned
 */
export function classesByPattern(tensors: ReadonlyMap<string, NamedTensor>, patterns: ClassPatterns): WeightClass[] {
  const owner = new Map<string, string>()
  return Object.entries(patterns).map(([name, list]) => {
    const found = list.flatMap(pattern => {
      const matches = [...tensors].filter(([tensor]) => globExpression(pattern).test(tensor))
      if (matches.length === 0)
        throw new UserError(
          'classes',
          `class ${name}: ${pattern} matches no tensor; there are ${[...tensors.keys()].join(', ')}`,
        )
      return matches
    })
    for (const [tensor] of found) {
      const other = owner.get(tensor)
      if (other !== undefined)
        throw new UserError(
          'classes',
          `${tensor} is ${other === name ? `twice in class ${name}` : `in class ${other} and in class ${name}`}`,
        )
      owner.set(tensor, name)
    }
    return { name, tensors: found.map(([tensor, value]) => weightTensor(tensor, value)) }
  })
}

function weightTensor(name: string, tensor: NamedTensor): WeightTensor {
  const data = toFloat32(tensor)
  if (!data)
    throw new UserError('classes', `${name} is ${tensor.dtype}; what can be pruned is ${FLOAT_TYPES.join(', ')}`)
  return { name, shape: tensor.shape, data }
}

function globExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map(part => part.replace(/[\\^$.|?+()[\]{}]/gu, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'u')
}

export interface PruneFileOptions extends Omit<PruneOptions, 'current' | 'importance'> {
  readonly classes: ClassPatterns
  readonly out: string
  /** Also writes the mask: for each tensor, under its name and of its shape, 1 where a weight is kept (BOOL). */
  readonly maskOut?: string
  readonly force?: boolean
}

/**
 * Prunes a file into a new one: pruned weights are zero, in the tensor's own type (F32, F16, BF16, F64); all else is as it
 * was, to the byte. Weights that are zero already count as pruned.
 * @throws UserError `usage`, `classes`, `damaged-file`, `output-exists`, `same-path`, and those of {@link prune}
 */
export async function pruneFile(path: string, options: PruneFileOptions): Promise<ClassReport[]> {
  checkArguments('pruneFile', { path }, options)
  const { out, maskOut, force } = options
  await checkOutput(out, { kind: 'file', force, others: [path] })
  if (maskOut !== undefined)
    await checkOutput(maskOut, { kind: 'file', force, option: '--mask-out', others: [path, out] })
  const file = await readSafetensors(path, { foreign: true })
  const classes = classesByPattern(file.tensors, options.classes)
  const chosen = selectClasses(classes, options).flatMap(({ tensors }) => tensors)
  // Values of 64 bits are checked before they become floats of 32.
  refuseNonFinite(
    chosen.flatMap(({ name, shape }) => {
      const { data } = file.tensors.get(name) ?? {}
      return data instanceof Float64Array ? [[name, { shape, data }] as const] : []
    }),
    path,
  )
  const mask = prune(classes, { ...options, current: zeroMask(chosen) })
  const pruned = new Map<string, TensorData>()
  const masks = new Map<string, NamedTensor>()
  for (const [name, { shape, data }] of file.tensors) {
    const kept = mask.kept.get(name)
    if (!kept) continue
    pruned.set(name, withZeros(data, kept))
    masks.set(name, { dtype: 'BOOL', shape, data: kept })
  }
  await writeOutputFile(out, replaceTensors(file, pruned), { force })
  if (maskOut !== undefined) await writeOutputFile(maskOut, safetensorsParts(masks), { force })
  return classReports(classes, mask, options)
}

/** Weights that are zero already, as pruned ones; undefined where there are none. */
function zeroMask(tensors: readonly WeightTensor[]): Mask | undefined {
  const sparse = tensors.filter(({ data }) => data.includes(0))
  if (sparse.length === 0) return undefined
  return new Mask(new Map(sparse.map(({ name, data }) => [name, Uint8Array.from(data, w => (w === 0 ? 0 : 1))])))
}
