/** The list of models that the server, or the built folder, has. */
import type { PhrasebookText } from './workers/model-calls.ts'

/** A packed file; what could not be read in it is absent. */
export interface Description {
  readonly label: string
  readonly file: string
  readonly bytes: number
  readonly weights?: number
  readonly kept?: number
  readonly values?: readonly string[]
  readonly block?: readonly number[]
  readonly bleu?: number
  readonly languages?: readonly [source: string, target: string]
  /** The model that the visitor prunes: it has no file. */
  readonly live?: boolean
}

/** The visitor's model, which changes. */
export type LiveDescription = { -readonly [K in keyof Description]: Description[K] }

export interface ModelList {
  /** What the models were trained on. */
  readonly text?: string
  /** What that text is about. */
  readonly domain?: string
  /** The grammar's text, where it is that: then the page can make it, too. */
  readonly phrasebook?: PhrasebookText
  /** Sentences to try. */
  readonly examples?: readonly string[]
  /** Sentences to measure speed with. */
  readonly measured?: readonly string[]
  readonly models: readonly Description[]
}

export async function fetchList(): Promise<ModelList> {
  const response = await fetch('models/models.json')
  if (!response.ok) throw new Error(`models/models.json: the server answered ${response.status}`)
  const list = (await response.json()) as ModelList
  if (!Array.isArray(list.models) || list.models.length === 0) throw new Error('models/models.json lists no models')
  return list
}

/** Where a model's file is, beside the page. */
export const addressOf = (model: Description) => new URL(`models/${encodeURIComponent(model.file)}`, document.baseURI)

/** The bytes that all weights take dense, as f32. */
export const denseBytes = (model: Description) => (model.weights === undefined ? undefined : 4 * model.weights)

/** Whether nothing of a model is pruned. */
export const isDense = ({ kept, weights }: Description) => kept !== undefined && kept === weights

/** Below this share of the dense model's BLEU a model is broken, not compressed. */
const SOUND = 0.97

/** Whether a model translates about as well as the dense one; undefined where that was not measured. */
export function isSound({ bleu }: Description, dense: Description | undefined): boolean | undefined {
  return bleu === undefined || dense?.bleu === undefined ? undefined : bleu >= SOUND * dense.bleu
}

/** The smallest sound pruned model, the dense one beside it, then the others as they are listed. */
export function inOrder(models: readonly Description[]): { models: readonly Description[]; dense?: Description } {
  const dense = models.find(isDense)
  const pruned = models.filter(model => model !== dense && !isDense(model))
  const sound = pruned.filter(model => isSound(model, dense)).sort((a, b) => a.bytes - b.bytes)
  const lead = sound[0] ?? pruned.find(model => isSound(model, dense) !== false) ?? models[0]
  const first = [lead, ...(dense && dense !== lead ? [dense] : [])]
  return { models: [...first, ...models.filter(model => !first.includes(model))], dense }
}

/** The name of a language in English, or its code where it has none. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code
  } catch {
    return code
  }
}
