/** Starts the page's workers. Their scripts are fetched now, not with the page. */
import type { WorkerLike } from '@espalier/runtime'
import { WorkerLink } from './link.ts'
import type { ModelCalls } from './model-calls.ts'
import type { TrainingCalls, TrainingEvent } from './training-calls.ts'
import type { TranslatorCalls } from './translator-calls.ts'

export type ModelWorker = WorkerLink<ModelCalls>
export type TranslatorWorker = WorkerLink<TranslatorCalls>
export type TrainingWorker = WorkerLink<TrainingCalls, TrainingEvent>

/** Vite looks for this very expression, and for options that are written out. */
const start = {
  translator: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'translator' }),
  thread: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'thread' }),
  models: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'models' }),
  training: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'training' }),
}

export const startTranslatorWorker = (): TranslatorWorker => new WorkerLink(start.translator())

/** For `startTranslator`. A worker calls back with more than what that reads, which is all that their types differ in. */
export const createThread = () => start.thread() as WorkerLike

export const startModelWorker = (): ModelWorker => new WorkerLink(start.models())

export const startTrainingWorker = (onEvent: (event: TrainingEvent) => void): TrainingWorker =>
  new WorkerLink(start.training(), onEvent)
