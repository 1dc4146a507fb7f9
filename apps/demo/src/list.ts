/** The list of models that the server, or the built folder, has. */

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
}

export interface ModelList {
  /** What the models were trained on. */
  readonly text?: string
  /** Sentences of that. */
  readonly examples?: readonly string[]
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

/** The name of a language in English, or its code where it has none. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code
  } catch {
    return code
  }
}
