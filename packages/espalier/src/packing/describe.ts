/** What a packed file is made of, held against the least that it could be. */
import type { ParameterSpec } from '@espalier/runtime/architectures'
import { matrixShape, type PackedHeader, sectionNames, TEXT_SECTION, VALUE_BYTES } from '@espalier/runtime/packed'

/** A weight class in a packed file, or everything else (`biases`). */
export interface PackedClass {
  readonly name: string
  readonly weights: number
  readonly kept: number
  /** Bytes of positions; of values with their scales and codebooks. */
  readonly positions: number
  readonly values: number
  /**
   * Bytes that positions take which are coded for the class's density alone (entropy: N · H(kept / N)), and values of
   * the encoding's size.
   */
  readonly bound: number
}

export interface PackedDescription {
  readonly classes: readonly PackedClass[]
  /** Bytes of vocabularies, tokenisers and configuration, compressed. */
  readonly text: number
  readonly bytes: number
}

const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p))

/**
 * @param parameters of the network that the file holds
 * @param bits of a value, where they are not its encoding's: those of a codebook's code
 */
export function describePacked(
  { header, bytes, parameters }: { header: PackedHeader; bytes: number; parameters: readonly ParameterSpec[] },
  bits: Readonly<Record<string, number>> = {},
): PackedDescription {
  const classOf = new Map(parameters.map(({ name, weightClass }) => [name, weightClass]))
  const size = new Map(header.sections.map(section => [section.name, section.bytes]))
  const found = new Map<string, PackedClass & { units: number; keptUnits: number; valueBits: number }>()
  for (const tensor of header.tensors) {
    const name = classOf.get(tensor.name) ?? 'biases'
    const [rows, columns] = matrixShape(tensor.shape)
    const [height, width] = tensor.block ?? [1, 1]
    const old = found.get(name)
    const units = Math.ceil(rows / height) * Math.ceil(columns / width)
    // Blocks at the border may be smaller: their number is that of whole ones as near as can be told.
    const keptUnits = Math.min(units, Math.round(tensor.kept / (height * width)))
    const sections = sectionNames(tensor).map(section => [section, size.get(section) ?? 0] as const)
    const positions = sections.reduce((n, [section, b]) => n + (section.endsWith('/positions') ? b : 0), 0)
    const all = sections.reduce((n, [, b]) => n + b, 0)
    const valueBits = tensor.kept * (bits[tensor.encoding] ?? 8 * VALUE_BYTES[tensor.encoding])
    found.set(name, {
      name,
      weights: (old?.weights ?? 0) + rows * columns,
      kept: (old?.kept ?? 0) + tensor.kept,
      positions: (old?.positions ?? 0) + positions,
      values: (old?.values ?? 0) + all - positions,
      units: (old?.units ?? 0) + units,
      keptUnits: (old?.keptUnits ?? 0) + keptUnits,
      valueBits: (old?.valueBits ?? 0) + valueBits,
      bound: 0,
    })
  }
  const classes = [...found.values()].map(({ units, keptUnits, valueBits, ...rest }) => ({
    ...rest,
    bound: (units * entropy(keptUnits / units) + valueBits) / 8,
  }))
  return { classes, text: size.get(TEXT_SECTION) ?? 0, bytes }
}
