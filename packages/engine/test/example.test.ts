import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

// Like the tests of the command line, this one starts what the build has made.
it('the example learns its rhyme', async () => {
  const example = fileURLToPath(new URL('../examples/character-model.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [example, '200'])
  const losses = [...stdout.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss))
  expect(losses).toHaveLength(3)
  expect(losses[0]).toBeGreaterThan(3)
  expect(losses[1]).toBeLessThan(losses[0] / 2)
  expect(losses[2]).toBeLessThan(0.2)
})
