/** Bytes from the text that scripts/encode-bytes.js of the workspace makes of them. */

/** @param text a character for a byte below 84, two for others, the first of which says how many times 84 it is */
export function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  let length = 0
  let high = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 40) high = 84 * (code - 35)
    else {
      // Digits leave out the backslash, 92.
      bytes[length++] = high + code - (code < 92 ? 40 : 41)
      high = 0
    }
  }
  return bytes.slice(0, length)
}
