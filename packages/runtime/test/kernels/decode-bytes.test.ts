import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeBytes } from '../../../../scripts/encode-bytes.js'
import { decodeBytes } from '../../src/kernels/decode-bytes.ts'

it('bytes are the same after they were text', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  expect(decodeBytes(encodeBytes(all))).toEqual(all)
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      const text = encodeBytes(bytes)
      expect(text).toMatch(/^[#-&(-[\]-|]*$/u)
      expect(decodeBytes(text)).toEqual(bytes)
    }),
  )
})
