import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { readConfiguration } from '../../src/cli/configuration-options.ts'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { networkSchema } from '../../src/configuration/network.ts'
import { gradualSchema, trainingSchema } from '../../src/configuration/training.ts'
import { parseStudy, studySchema } from '../../src/study/configuration.ts'
import { parseSchedule, scheduleSchema } from '../../src/study/schedule.ts'

const path = new URL('../../../../docs/configuration.yaml', import.meta.url).pathname
const sections: Record<string, z.ZodObject> = {
  model: networkSchema,
  training: trainingSchema,
  gradual: gradualSchema,
  study: studySchema,
  schedule: scheduleSchema,
}

describe('docs/configuration.yaml', () => {
  it('is a configuration whose values are the defaults', async () => {
    const reader = { command: 'train', sections: Object.keys(sections) }
    const { sections: found, origin } = await readConfiguration({ config: path }, reader)
    const { model, training, study, schedule } = found
    expect(parseConfiguration({ model, training }, origin)).toEqual({
      model: networkSchema.parse({}),
      training: trainingSchema.parse({}),
    })
    expect(parseStudy(study, origin)).toEqual(studySchema.parse({}))
    expect(parseSchedule(schedule, origin)).toEqual(scheduleSchema.parse({}))
  })

  it('explains every key there is, and none that there is not', async () => {
    const text = await readFile(path, 'utf8')
    for (const [section, schema] of Object.entries(sections)) {
      const [, block] = new RegExp(`^(?:# )?${section}:(.*\\n(?:(?:# *|  ).*\\n?)*)`, 'mu').exec(text) ?? []
      const keys = [...(block ?? '').matchAll(/^(?:# {3}| {2})(?:# )?(\w+):/gmu)].map(([, key]) => key)
      expect(keys.sort(), section).toEqual(Object.keys(schema.shape).sort())
    }
  })
})
