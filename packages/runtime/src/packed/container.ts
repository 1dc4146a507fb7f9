/**
 * The outermost form of a packed file, specified in docs/format.md:
 *
 *     0   8  magic
 *     8   4  version
 *     12  4  bytes of the header, H
 *     16  8  bytes of the file
 *     24  4  CRC-32 of the header
 *     28  4  CRC-32 of the 28 bytes before
 *     32  H  the header: JSON, UTF-8
 *            then each section that the header lists, in its order; header and sections are padded with zeros to a
 *            multiple of 8 bytes
 */

/** A byte that no text has, the name, and line ends that a transfer as text would change. */
export const MAGIC = Uint8Array.of(0x89, 0x45, 0x53, 0x50, 0x41, 0x0d, 0x0a, 0x1a)
export const VERSION = 1
/** Bytes before the header. */
export const PREFIX = 32

const ALIGNMENT = 8
/** Bytes with their padding. */
export const padded = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
