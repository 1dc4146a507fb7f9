/** Speed, measured in the visitor's browser: all models in turns, so that what else the machine does hits all alike. */
import type { WorkerTranslator } from '@espalier/runtime'
import type { Description } from './list.ts'
import type { ModelLoader, TextTranslator } from './model-loader.ts'
import { createThread } from './workers/start.ts'

/** Target words a second: one sentence after the other, and all at once. */
export interface Speed {
  readonly single: number
  readonly together: number
}

const ROUNDS = 3

/**
 * @param onSpeed is called after each round with the median of what was measured so far
 * @param options.threads of each translator; more than one are started for this and ended after it
 */
export async function measureAll(
  loader: ModelLoader,
  { threads, sentences }: { readonly threads: number; readonly sentences: readonly string[] },
  onSpeed: (model: Description, speed: Speed, round: number) => void,
): Promise<void> {
  const files = loader.models.filter(model => !model.live)
  for (const model of files) await loader.need(model)
  const ready = files.filter(model => loader.translator(model))
  const translators = new Map<Description, TextTranslator>()
  const started: WorkerTranslator[] = []
  try {
    for (const model of ready) {
      const own = threads === 1 ? loader.translator(model) : undefined
      if (own) translators.set(model, own)
      else {
        const { bytes } = await loader.file(model)
        // Fetched now: few visitors measure several threads.
        const { startTranslator } = await import('@espalier/runtime')
        const translator = await startTranslator(bytes, { threads, createWorker: createThread })
        started.push(translator)
        translators.set(model, translator)
      }
    }
    // The first time engines still compile.
    for (const translator of translators.values()) await measure(translator, sentences, threads)
    const speeds = new Map(ready.map(model => [model, [] as Speed[]]))
    for (let round = 1; round <= ROUNDS; round++)
      for (const [model, translator] of translators) {
        const measured = speeds.get(model)!
        measured.push(await measure(translator, sentences, threads))
        const median = (of: (speed: Speed) => number) => middle(measured.map(of))
        onSpeed(model, { single: median(s => s.single), together: median(s => s.together) }, round)
      }
  } finally {
    for (const translator of started) void translator.release()
  }
}

async function measure(translator: TextTranslator, sentences: readonly string[], threads: number): Promise<Speed> {
  const many = Array.from({ length: threads }, () => sentences).flat()
  return {
    single: await rate(translator, sentences, 1),
    // A share for each thread.
    together: await rate(translator, many, sentences.length),
  }
}

async function rate(translator: TextTranslator, sentences: readonly string[], batchSize: number): Promise<number> {
  const began = performance.now()
  const translations = await translator.translate(sentences, { batchSize })
  const words = translations.reduce((n, [best]) => n + best.tokens.length, 0)
  return (1000 * words) / (performance.now() - began)
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
