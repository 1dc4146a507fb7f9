/** Writes packed files. */
import { MAGIC, PREFIX, padded, VERSION } from './container.ts'
import { crc32 } from './crc32.ts'
import { checkHeader, type PackedHeader } from './header.ts'

/**
 * A file's bytes, in parts.
 * @param header without its sections, which are described from their bytes
 * @throws PackedFileError for a header that readers refuse
 */
export function writePacked(
  header: Omit<PackedHeader, 'sections'>,
  sections: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer>[] {
  const entries = sections.map(({ name, bytes }) => ({ name, bytes: bytes.length, crc: crc32(bytes) }))
  const json = new TextEncoder().encode(JSON.stringify(checkHeader({ ...header, sections: entries })))
  const parts = [json, ...sections.map(({ bytes }) => bytes)].map(bytes => {
    const part = new Uint8Array(padded(bytes.length))
    part.set(bytes)
    return part
  })
  const prefix = new Uint8Array(PREFIX)
  const view = new DataView(prefix.buffer)
  prefix.set(MAGIC)
  view.setUint32(8, VERSION, true)
  view.setUint32(12, json.length, true)
  view.setBigUint64(16, BigInt(PREFIX + parts.reduce((n, { length }) => n + length, 0)), true)
  view.setUint32(24, crc32(json), true)
  view.setUint32(28, crc32(prefix.subarray(0, 28)), true)
  return [prefix, ...parts]
}
