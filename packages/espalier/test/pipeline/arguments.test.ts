import { describe, expect, it } from 'vitest'
import { pruneFile } from '../../src/pipeline/prune-file.ts'
import { pruneModel } from '../../src/pipeline/prune-model.ts'
import { resume } from '../../src/pipeline/resume.ts'
import { retrain, trainNew } from '../../src/pipeline/train.ts'

/** As plain JavaScript calls them. */
const jobs = { pruneFile, pruneModel, resume, retrain, trainNew } as unknown as Record<
  string,
  (...words: unknown[]) => Promise<unknown>
>

describe('plain JavaScript that gives no options, or no path, is told by name what is missing', () => {
  it.each(Object.entries(jobs))('%s', async (name, job) => {
    const paths = name === 'retrain' ? ['a', 'b'] : ['a']
    for (const words of [[], paths, [...paths, null], [...paths, {}], [...paths, { out: 5 }], ['', { out: 'b' }]])
      await expect(job(...words)).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(`^${name}: `) })
  })
})
