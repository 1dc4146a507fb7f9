/** Starts the page's workers. Their scripts are fetched now, not with the page. */
import type { WorkerLike } from '@espalier/runtime'
import { WorkerLink } from './link.ts'
import type { ModelCalls } from './model-calls.ts'
import type { TrainingCalls, TrainingEvent } from './training-calls.ts'

export type ModelWorker = WorkerLink<ModelCalls>
export type TrainingWorker = WorkerLink<TrainingCalls, TrainingEvent>

// Vite looks for these very expressions, options written out; `translator` is the name that model-worker.ts knows.

/** For `startTranslator`. A worker calls back with more than what that reads, which is all that their types differ in. */
export const createTranslatorWorker = () =>
  new Worker(new URL('./model-worker.ts', import.meta.url), { type: 'module', name: 'translator' }) as WorkerLike

export const startModelWorker = (): ModelWorker =>
  new WorkerLink(new Worker(new URL('./model-worker.ts', import.meta.url), { type: 'module', name: 'models' }))

export const startTrainingWorker = (onEvent: (event: TrainingEvent) => void): TrainingWorker =>
  new WorkerLink(new Worker(new URL('./training-worker.ts', import.meta.url), { type: 'module' }), onEvent)
