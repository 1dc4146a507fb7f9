/** What the page says of its models in a sentence: nothing of one that is broken, and nothing that was not measured. */
import { percent, plural, size } from './format.ts'
import { type Description, inOrder, isSound, languageName, type ModelList } from './list.ts'

export function headline(list: ModelList): string {
  const { models, dense } = inOrder(list.models)
  const [lead] = models
  const pruned = dense && lead !== dense && isSound(lead, dense) ? comparison(lead, dense) : undefined
  return `${pruned ?? kinds(list.models)} Everything runs in this page: nothing that you type leaves it.`
}

function comparison({ kept, weights, bytes, bleu }: Description, dense: Description): string | undefined {
  if (kept === undefined || !weights || bleu === undefined || dense.bleu === undefined) return undefined
  const times = Math.round(dense.bytes / bytes)
  return (
    `With ${percent(1 - kept / weights)} of its weights cut away, and what is left retrained, this translator takes ` +
    `${part(times)} of the bytes, ${size(bytes)} for ${size(dense.bytes)}, and has ${bleu.toFixed(1)} BLEU for ` +
    `${dense.bleu.toFixed(1)}. Prune it yourself, and retrain it.`
  )
}

function kinds(models: readonly Description[]): string {
  const [source, target] = models.find(({ languages }) => languages)?.languages ?? []
  const alike = (of: (model: Description) => unknown) => new Set(models.map(of)).size === 1
  const pair =
    source && target && alike(model => model.languages?.join())
      ? `${languageName(source)}–${languageName(target)} `
      : ''
  const same = models.length > 1 && alike(model => model.weights) ? ', the same network with other weights left' : ''
  return `${plural(models.length, `${pair}translator`)}${same}.`
}

/** A part with its article: a quarter, an eighth. */
function part(n: number): string {
  const names = ['a third', 'a quarter', 'a fifth', 'a sixth', 'a seventh', 'an eighth', 'a ninth', 'a tenth']
  return names[n - 3] ?? (n === 2 ? 'half' : `1/${n}`)
}
