/** CRC-32 (ISO-HDLC, as in zip and PNG), computed by slicing-by-8. */

let tables: Uint32Array[] | undefined

/** Slicing-by-8 tables: `table[k][b]` is the CRC of byte b followed by k zero bytes. */
export function crcTables(): Uint32Array[] {
  if (tables) return tables
  const first = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1
    return n
  })
  tables = [first]
  for (let t = 1; t < 8; t++) tables.push(tables[t - 1].map(n => (n >>> 8) ^ first[n & 255]))
  return tables
}

/** The checksum of bytes. @param before the checksum of the bytes in front of them, to get that of both */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = crcTables()
  let crc = ~before
  let i = 0
  for (; i + 8 <= bytes.length; i += 8) {
    const low = crc ^ (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24))
    crc =
      t7[low & 255] ^
      t6[(low >>> 8) & 255] ^
      t5[(low >>> 16) & 255] ^
      t4[low >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]]
  }
  for (; i < bytes.length; i++) crc = t0[(crc ^ bytes[i]) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}
