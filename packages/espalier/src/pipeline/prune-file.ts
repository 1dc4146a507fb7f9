/** Pruning any safetensors file: classes are given by patterns of tensor names, so that models of other programs can be pruned. */
import { UserError } from '@espalier/runtime'
import { z } from 'zod'
import { type NamedTensor, readSafetensors, safetensorsParts } from '../checkpoint/safetensors.ts'
import { type PruneOptions, prune } from '../pruning/prune.ts'
import { type ClassReport, classReports } from '../pruning/report.ts'
import type { WeightClass } from '../pruning/weights.ts'
import { writeOutputFile } from '../storage/atomic-files.ts'
import { checkOutput } from '../storage/outputs.ts'

const patternsSchema = z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
/** Name patterns by class; `*` stands for any characters. */
export type ClassPatterns = Readonly<Record<string, readonly string[]>>

/** Checks what a file of classes holds. @throws UserError `classes` */
export function parseClasses(value: unknown, origin: string): ClassPatterns {
  const parsed = patternsSchema.safeParse(value)
  if (!parsed.success || Object.keys(parsed.data).length === 0)
    throw new UserError(
      'classes',
      `${origin}: wanted are classes with name patterns, as in\n  encoder: [encoder.rnn.weight_*]`,
    )
  return Object.fromEntries(Object.entries(parsed.data).map(([name, list]) => [name, [list].flat()]))
}

/**
 * The tensors that patterns name, by class.
 * @throws UserError `classes`: a pattern that matches nothing, a tensor in two classes, one that is not float32
 */
export function classesByPattern(tensors: ReadonlyMap<string, NamedTensor>, patterns: ClassPatterns): WeightClass[] {
  const owner = new Map<string, string>()
  return Object.entries(patterns).map(([name, list]) => {
    const found = list.flatMap(pattern => {
      const matches = [...tensors.keys()].filter(tensor => globExpression(pattern).test(tensor))
      if (matches.length === 0)
        throw new UserError(
          'classes',
          `class ${name}: ${pattern} matches no tensor; there are ${[...tensors.keys()].join(', ')}`,
        )
      return matches
    })
    for (const tensor of found) {
      const other = owner.get(tensor)
      if (other !== undefined)
        throw new UserError(
          'classes',
          `${tensor} is ${other === name ? `twice in class ${name}` : `in class ${other} and in class ${name}`}`,
        )
      owner.set(tensor, name)
    }
    return { name, tensors: found.map(tensor => weights(tensor, tensors.get(tensor)!)) }
  })
}

function weights(name: string, { dtype, shape, data }: NamedTensor): WeightClass['tensors'][number] {
  if (!(data instanceof Float32Array)) throw new UserError('classes', `${name} is ${dtype}; only F32 can be pruned`)
  return { name, shape, data }
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

/** Prunes a file into a new one: pruned weights are zero, all else is as it was. Weights that are zero already go first. */
export async function pruneFile(path: string, options: PruneFileOptions): Promise<ClassReport[]> {
  const { out, maskOut, force } = options
  await checkOutput(out, { kind: 'file', force, others: [path] })
  if (maskOut !== undefined)
    await checkOutput(maskOut, { kind: 'file', force, option: '--mask-out', others: [path, out] })
  const { tensors, metadata } = await readSafetensors(path)
  const classes = classesByPattern(tensors, options.classes)
  const mask = prune(classes, options)
  const pruned = new Map<string, NamedTensor>(tensors)
  const marks = new Map<string, NamedTensor>()
  for (const [name, bits] of mask.kept) {
    const tensor = tensors.get(name)!
    pruned.set(name, { ...tensor, data: (tensor.data as Float32Array).map((w, i) => (bits[i] ? w : 0)) })
    marks.set(name, { dtype: 'BOOL', shape: tensor.shape, data: bits })
  }
  await writeOutputFile(out, safetensorsParts(pruned, metadata), { force })
  if (maskOut !== undefined) await writeOutputFile(maskOut, safetensorsParts(marks), { force })
  return classReports(classes, mask, options)
}
