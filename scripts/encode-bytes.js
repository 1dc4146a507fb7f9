// Bytes as text that compresses better than base64, in which what repeats in the bytes does not repeat: a character for a
// byte below 84, two for others, the first of which says how many times 84 it is. src/kernels/decode-bytes.ts reads it.

/** @param {Uint8Array} bytes @returns {string} without quotes and backslashes */
export function encodeBytes(bytes) {
  const digit = (/** @type {number} */ value) => String.fromCharCode(40 + value + (value < 52 ? 0 : 1))
  const encoded = (/** @type {number} */ byte) =>
    (byte < 84 ? '' : String.fromCharCode(35 + Math.floor(byte / 84))) + digit(byte % 84)
  return Array.from(bytes, encoded).join('')
}
