/** The JSON header of a safetensors file: read and checked before anything is allocated for the tensors. */
import type { UserError } from '@espalier/runtime'
import { sizeOf } from '@espalier/runtime/packed'
import { z } from 'zod'

/** A tensor as the header describes it; `begin` and `end` count from the first byte after the header. */
export interface HeaderEntry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly HeaderEntry[]
  /** The metadata that are texts, as the format asks; others are kept in the file, but nothing here reads them. */
  readonly metadata: Record<string, string>
}

/** Makes the error that a file is damaged in some way. */
export type Damaged = (why: string) => UserError

/** Bits of a number, for the types that are known. Tensors of other types pass through, whatever their size. */
const BITS: Readonly<Record<string, number>> = {
  ...{ F64: 64, F32: 32, F16: 16, BF16: 16, C64: 64 },
  ...{ I64: 64, I32: 32, I16: 16, I8: 8, U64: 64, U32: 32, U16: 16, U8: 8, BOOL: 8 },
  ...{ F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
})

/** @param bytes of the header @param size bytes of the file after the header */
export function parseHeader(bytes: Uint8Array, size: number, damaged: Damaged): Header {
  const header = parseObject(bytes, damaged)
  const { __metadata__: metadata, ...tensors } = header
  // The reference reader takes null for no metadata.
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) throw damaged('its metadata is not an object')
  const texts = Object.entries(metadata ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  const entries = Object.entries(tensors).map(([name, value]) => {
    const entry = entrySchema.safeParse(value)
    if (!entry.success) throw damaged(`tensor ${name} is not described by dtype, shape and data_offsets`)
    const { dtype, shape, data_offsets: offsets } = entry.data
    return { name, dtype, shape, begin: offsets[0], end: offsets[1] }
  })
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkLayout(entries, size, damaged)
  return { entries, metadata: Object.fromEntries(texts) }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(bytes: Uint8Array, damaged: Damaged): Record<string, unknown> {
  let [json, header]: [string, unknown] = ['', undefined]
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    header = JSON.parse(json)
  } catch {
    throw damaged('its header is not valid JSON')
  }
  if (!isObject(header)) throw damaged('its header is not a JSON object')
  const name = duplicateKey(json)
  if (name !== undefined) throw damaged(`its header names ${name} twice`)
  return header
}

/** The first key that an object of a valid JSON text has twice: parsers silently take the last of them. */
function duplicateKey(json: string): string | undefined {
  /** The keys of each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = []
  let keyFollows = false
  for (let i = 0; i < json.length; i++) {
    const character = json[i]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = stringEnd(json, i)
      const keys = open.at(-1)
      if (keyFollows && keys) {
        const key = JSON.parse(json.slice(i, end)) as string
        if (keys.has(key)) return key
        keys.add(key)
      }
      i = end - 1
    }
    if (character === '{' || character === ',') keyFollows = true
    else if (character === ':') keyFollows = false
  }
  return undefined
}

/** @param start where a string's first quote stands @returns the place after its last quote */
function stringEnd(json: string, start: number): number {
  let i = start + 1
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1
  return i + 1
}

/** Tensors have to fill the rest of the file, one after the other, without gap or overlap. */
function checkLayout(entries: readonly HeaderEntry[], bytes: number, damaged: Damaged): void {
  let at = 0
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== at)
      throw damaged(
        `tensor ${name} begins at byte ${begin}, where ${at} is expected: tensors ${begin < at ? 'overlap' : 'leave a gap'}`,
      )
    if (end < begin) throw damaged(`tensor ${name} ends at byte ${end}, before it begins at ${begin}`)
    if (end > bytes) throw damaged(`tensor ${name} ends at byte ${end} of ${bytes}: truncated`)
    if (Object.hasOwn(BITS, dtype) && sizeOf(shape) * BITS[dtype] !== 8 * (end - begin))
      throw damaged(`tensor ${name}: ${end - begin} bytes for shape [${shape}] of ${dtype}`)
    at = end
  }
  if (at !== bytes) throw damaged(`${bytes - at} bytes after the last tensor`)
}
