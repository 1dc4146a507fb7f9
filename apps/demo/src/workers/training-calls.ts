/** What the page asks its training worker for, and what that tells meanwhile. */
import type { Arrays, TrainingMaterial } from './model-calls.ts'

export interface TrainingPlan {
  readonly epochs: number
  readonly learningRate: number
  /** Seconds from one copy of the weights to the next. */
  readonly snapshotSeconds: number
}

export type TrainingCalls = {
  /** Answered when training is over. */
  start: { argument: { material: TrainingMaterial; plan: TrainingPlan }; answer: 'completed' }
  pause: { argument: undefined; answer: undefined }
  resume: { argument: undefined; answer: undefined }
}

/** Some updates, all since the event before. */
export interface Progress {
  readonly kind: 'progress'
  readonly step: number
  readonly totalSteps: number
  /** Mean −log p of a target word. */
  readonly loss: number
  readonly words: number
  /** Of work: pauses are not counted. */
  readonly seconds: number
}

export interface Snapshot {
  readonly kind: 'snapshot'
  readonly step: number
  readonly parameters: Arrays
}

export type TrainingEvent = Progress | Snapshot
