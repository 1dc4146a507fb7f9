/** CRC-32 by slicing-by-8, as in src/packed/crc32.ts. */

/** @param tables u32[8][256], made by src/packed/crc32.ts */
export function crc32(from: usize, length: u32, tables: usize): u32 {
  let crc: u32 = 0xffffffff
  const end = from + length
  for (; from + 8 <= end; from += 8) {
    const low = crc ^ load<u32>(from)
    const high = load<u32>(from, 4)
    crc =
      load<u32>(tables + ((low & 255) << 2), 7 * 1024) ^
      load<u32>(tables + (((low >> 8) & 255) << 2), 6 * 1024) ^
      load<u32>(tables + (((low >> 16) & 255) << 2), 5 * 1024) ^
      load<u32>(tables + ((low >> 24) << 2), 4 * 1024) ^
      load<u32>(tables + ((high & 255) << 2), 3 * 1024) ^
      load<u32>(tables + (((high >> 8) & 255) << 2), 2 * 1024) ^
      load<u32>(tables + (((high >> 16) & 255) << 2), 1024) ^
      load<u32>(tables + ((high >> 24) << 2))
  }
  for (; from < end; from++) crc = load<u32>(tables + (((crc ^ load<u8>(from)) & 255) << 2)) ^ (crc >> 8)
  return ~crc
}
