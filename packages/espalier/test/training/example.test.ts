import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

// Like the tests of the command line, this one starts what the build has made.
it('the example prunes a translator and retrains what is left of it, in WebAssembly', async () => {
  const example = fileURLToPath(new URL('../../examples/retrain-in-memory.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [example])
  expect(stdout).toContain('retraining on wasm, 9 matrices as kept weights alone')
  const scores = [...stdout.matchAll(/BLEU ([\d.]+)/g)].map(([, score]) => Number(score))
  const [unpruned, pruned] = scores
  expect(unpruned).toBeGreaterThan(85)
  expect(pruned).toBeLessThan(20)
  expect(scores.at(-1)).toBeGreaterThan(85)
})
