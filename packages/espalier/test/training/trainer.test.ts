import { cp, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMetrics } from '../../src/checkpoint/metrics-file.ts'
import { readModel } from '../../src/checkpoint/model-directory.ts'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { modelPerplexity } from '../../src/evaluation/perplexity.ts'
import { pruneModel } from '../../src/pipeline/prune-model.ts'
import { resume } from '../../src/pipeline/resume.ts'
import { retrain, trainNew } from '../../src/pipeline/train.ts'
import { sha256File } from '../../src/storage/digest.ts'
import { learningRateAt, retrainingOptions } from '../../src/training/learning-rate.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'

const digests = async (directory: string) =>
  Promise.all(['model.safetensors', 'last.safetensors', 'metrics.jsonl'].map(file => sha256File(join(directory, file))))

describe('every option trains: the loss falls', () => {
  it.each([
    [{ model: { attention: 'dot' } }],
    [{ model: { attention: 'concat', layers: 2 } }],
    [{ model: { attention: 'none', reverseSource: false } }],
    [{ model: { inputFeeding: true, layers: 2 } }],
    [{ model: { bidirectional: true, layers: 2, embedding: 6 } }],
    [{ training: { optimizer: 'sgd', learningRate: 1 } }],
    [{ training: { labelSmoothing: 0.1, accumulation: 2 } }],
  ] as const)('%j', async changes => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const configuration = toyConfiguration({
      ...changes,
      training: { epochs: 3, ...('training' in changes ? changes.training : {}) },
    })
    await trainNew(data, { configuration, out: join(directory, 'model') })
    const metrics = await readMetrics(join(directory, 'model'))
    expect(metrics).toHaveLength(3)
    // The loss falls from epoch to epoch, and text that was not trained on is guessed better than among all words.
    const words = 4 + 7
    const training = metrics.map(({ trainPerplexity }) => trainPerplexity)
    expect(training).toEqual([...training].sort((a, b) => b - a))
    expect(training[2]).toBeLessThan(0.95 * training[0])
    expect(Math.min(...metrics.map(({ validPerplexity }) => validPerplexity))).toBeLessThan(0.9 * words)
    // The best of all epochs so far is the one that is marked.
    metrics.forEach(({ best, validPerplexity }, i) => {
      expect(best).toBe(metrics.slice(0, i).every(before => validPerplexity < before.validPerplexity))
    })
    const losses = metrics.flatMap(epoch => epoch.losses)
    expect(losses[0]).toBeCloseTo(Math.log(words), 0)
    expect(losses.at(-1)).toBeLessThan(losses[0])
  })
})

describe('resumption', () => {
  it.each(['adam', 'sgd'] as const)('goes on bit for bit after an interruption at any step (%s)', async optimizer => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const configuration = toyConfiguration({ training: { optimizer, accumulation: 2 } })
    await trainNew(data, { configuration, out: join(directory, 'whole') })
    const wanted = await digests(join(directory, 'whole'))
    for (const stopAfter of [1, 7, 9]) {
      const out = join(directory, `stopped-${stopAfter}`)
      const interrupt = new AbortController()
      const events = { onStep: ({ step }: { step: number }) => step === stopAfter && interrupt.abort() }
      const outcome = await trainNew(data, { configuration, out, events, signal: interrupt.signal })
      expect(outcome).toBe('interrupted')
      expect(await resume(data, { out })).toBe('completed')
      expect(await digests(out)).toEqual(wanted)
    }
  })

  it('goes on from the last checkpoint after a crash', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const configuration = toyConfiguration()
    await trainNew(data, { configuration, out: join(directory, 'whole') })
    const out = join(directory, 'crashed')
    // A crash between checkpoints: what came after the last one, in memory and in metrics.jsonl, is lost.
    const events = {
      onStep: ({ step }: { step: number }) => {
        if (step === 19) throw new Error('power cut')
      },
    }
    await expect(trainNew(data, { configuration, out, events })).rejects.toThrow('power cut')
    await resume(data, { out })
    expect(await digests(out)).toEqual(await digests(join(directory, 'whole')))
  })

  it('makes the same model from the same seed, another from another', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    for (const [name, seed] of [
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ] as const)
      await trainNew(data, {
        configuration: toyConfiguration({ training: { epochs: 1, seed } }),
        out: join(directory, name),
      })
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map(name => sha256File(join(directory, name, 'model.safetensors'))),
    )
    expect(a).toBe(b)
    expect(a).not.toBe(c)
  })

  it('refuses other data', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    await trainNew(data, { configuration: toyConfiguration(), out: join(directory, 'model') })
    await rm(data, { recursive: true })
    const other = await toyData(directory, 100)
    await expect(resume(other, { out: join(directory, 'model') })).rejects.toThrow('other data')
  })
})

describe('ends', () => {
  it('early, where validation no longer improves', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const training = { epochs: 50, learningRate: 1e-12, patience: 2 }
    // At that rate the perplexity stands still, so that no epoch is better than the first.
    const outcome = await trainNew(data, {
      configuration: toyConfiguration({ training }),
      out: join(directory, 'model'),
    })
    expect(outcome).toBe('stopped-early')
    expect((await readMetrics(join(directory, 'model'))).length).toBeLessThan(50)
  })

  it('with the step and the last good checkpoint where the loss is no number', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const out = join(directory, 'model')
    const training = { optimizer: 'sgd' as const, learningRate: 1e38, maxGradientNorm: 1e30 }
    await expect(trainNew(data, { configuration: toyConfiguration({ training }), out })).rejects.toThrow(
      /step \d+: the loss is .*learningRate/,
    )
  })
})

describe('masks', () => {
  it.each(['adam', 'sgd'] as const)(
    'hold through retraining with %s: what is pruned stays exactly zero',
    async optimizer => {
      const directory = await temporaryDirectory()
      const data = await toyData(directory)
      const at = (name: string) => join(directory, name)
      await trainNew(data, {
        configuration: toyConfiguration({ training: { optimizer, learningRate: optimizer === 'sgd' ? 1 : 0.01 } }),
        out: at('dense'),
      })
      await pruneModel(at('dense'), { scheme: 'class-blind', fraction: 0.5, out: at('pruned') })
      await retrain(at('pruned'), data, {
        training: original => ({ ...retrainingOptions(original), accumulation: 2 }),
        out: at('retrained'),
      })
      const [pruned, retrained] = [await readModel(at('pruned')), await readModel(at('retrained'))]
      let [zeros, moved] = [0, 0]
      for (const [name, bits] of retrained.mask!.kept) {
        const [before, after] = [pruned.parameters.get(name)!.data, retrained.parameters.get(name)!.data]
        expect(bits).toEqual(pruned.mask!.kept.get(name))
        bits.forEach((bit, i) => {
          if (bit === 0) {
            if (!Object.is(after[i], 0)) throw new Error(`${name}[${i}] woke up: ${after[i]}`)
            zeros++
          } else if (after[i] !== before[i]) moved++
        })
      }
      expect(zeros).toBe(Math.round(0.5 * retrained.mask!.total))
      expect(moved).toBeGreaterThan(0)
      const source = ['one two three']
      expect(await modelPerplexity(retrained, source, ['threeo twoo oneo'])).toBeGreaterThan(1)
    },
  )

  it('survive an interruption', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const at = (name: string) => join(directory, name)
    await trainNew(data, { configuration: toyConfiguration(), out: at('dense') })
    await pruneModel(at('dense'), { scheme: 'class-blind', fraction: 0.7, out: at('pruned') })
    await retrain(at('pruned'), data, { out: at('whole') })
    const interrupt = new AbortController()
    const events = { onStep: () => interrupt.abort() }
    await retrain(at('pruned'), data, { out: at('stopped'), events, signal: interrupt.signal })
    await resume(data, { out: at('stopped') })
    expect(await digests(at('stopped'))).toEqual(await digests(at('whole')))
  })
})

describe('schedules', () => {
  const base = toyConfiguration({ training: { learningRate: 1, epochs: 12, decayFrom: 8, decayEvery: 1 } }).training
  it("halve as the paper's", () => {
    expect([0, 7.9, 8, 8.5, 9, 11.9].map(progress => learningRateAt(base, progress))).toEqual([
      1, 1, 0.5, 0.5, 0.25, 0.0625,
    ])
  })
  it("retrain as the paper's: rate 0.5, 4 epochs, halved every half epoch after the second", () => {
    const again = retrainingOptions(base)
    expect(again).toMatchObject({ learningRate: 0.5, epochs: 4, decayFrom: 2, decayEvery: 0.5 })
    expect([0, 1.9, 2, 2.5, 3, 3.5].map(p => learningRateAt(again, p))).toEqual([
      0.5, 0.5, 0.25, 0.125, 0.0625, 0.03125,
    ])
  })
  it('refuse unknown keys by name', () => {
    expect(() => parseConfiguration({ training: { epoch: 3 } }, 'file')).toThrow(/training.epoch; did you mean epochs/)
    expect(() => parseConfiguration({ modle: {} }, 'file')).toThrow(/modle; did you mean model/)
    expect(() => parseConfiguration({ model: { attention: 'soft' } }, 'file')).toThrow(/model.attention/)
    expect(() => parseConfiguration({ model: { attention: 'none', inputFeeding: true } }, 'file')).toThrow(
      /model.inputFeeding/,
    )
    expect(() => parseConfiguration({ model: { bidirectional: true, hidden: 5 } }, 'file')).toThrow(
      /model.hidden has to be even/,
    )
  })
})

describe('a model directory', () => {
  it('is refused where a file is missing, cut or altered', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const model = join(directory, 'model')
    await trainNew(data, { configuration: toyConfiguration({ training: { epochs: 1 } }), out: model })
    await expect(readModel(model)).resolves.toBeDefined()
    const files = ['config.json', 'tokenizer.json', 'source.vocabulary', 'target.vocabulary', 'model.safetensors']
    for (const file of files) {
      const copy = join(directory, `copy-${file}`)
      await cp(model, copy, { recursive: true })
      await rm(join(copy, file))
      await expect(readModel(copy), `${file} missing`).rejects.toThrow(/missing|not a model/)
      const bytes = await readFile(join(model, file))
      bytes[bytes.length - 3] ^= 1
      const { writeFile } = await import('node:fs/promises')
      await writeFile(join(copy, file), bytes)
      await expect(readModel(copy), `${file} altered`).rejects.toThrow(file)
      await writeFile(join(copy, file), bytes.subarray(0, bytes.length >> 1))
      await expect(readModel(copy), `${file} cut`).rejects.toThrow(file)
    }
    expect((await stat(model)).isDirectory()).toBe(true)
  })
})
