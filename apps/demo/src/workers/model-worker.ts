/** The worker that prunes, packs, translates and measures the visitor's model, and draws pictures of any. */
import { SPECIAL_TOKENS, UNK } from '@espalier/runtime'
import type { Side } from '@espalier/runtime/packed'
import { LiveModel } from './live-model.ts'
import { type Matrix, readModelFile } from './matrices.ts'
import type { MatrixFacts, ModelCalls, ModelFile } from './model-calls.ts'
import { painted } from './painting.ts'
import { pictureOf } from './picture.ts'
import { type Handlers, serve } from './serve.ts'

let live: LiveModel | undefined
/** What was read of the last file. */
let read: { readonly file: string; readonly matrices: readonly Matrix[]; readonly source: Side } | undefined

function opened(): LiveModel {
  if (!live) throw new Error('no model is open')
  return live
}

async function readFile({ file, bytes }: ModelFile) {
  if (read?.file !== file) read = { file, ...(await readModelFile(bytes)) }
  return read
}

/** @param from a file; absent: the live model */
async function matricesFrom(from: ModelFile | undefined): Promise<readonly Matrix[]> {
  return from ? (await readFile(from)).matrices : opened().matrices
}

const handlers: Handlers<ModelCalls> = {
  open: async ({ bytes, text }) => {
    live = await LiveModel.open(bytes, text)
    return { answer: live.facts() }
  },
  prune: async ({ scheme, fraction }) => {
    await opened().prune(scheme, fraction)
    return { answer: opened().facts() }
  },
  adopt: async ({ parameters }) => {
    await opened().adopt(parameters)
    return { answer: opened().facts() }
  },
  translate: async ({ sentences, attention }) => {
    const { translator } = opened()
    const translations = await translator.translate(sentences, { attention })
    return { answer: { translations, hasAttention: translator.hasAttention } }
  },
  measure: async ({ from, count }) => ({ answer: await opened().measure(from, count) }),
  material: () => {
    const answer = opened().material()
    return { answer, transfer: answer.parameters.map(([, { data }]) => data.buffer) }
  },
  packed: () => ({ answer: opened().packed }),
  matrices: async ({ from }) => ({
    answer: (await matricesFrom(from)).map(({ marks: _, ...facts }): MatrixFacts => facts),
  }),
  picture: async ({ from, name, width, height, ink, page }) => {
    const matrix = (await matricesFrom(from)).find(each => each.name === name)
    const answer = matrix && painted(pictureOf(matrix, width, height), ink, page)
    return { answer, transfer: answer ? [answer.pixels.buffer] : [] }
  },
  unknown: async ({ from, text }) => {
    const { tokenizer, vocabulary } = (await readFile(from)).source
    // Marks of punctuation are not words.
    const tokens = [...new Set(tokenizer.tokenize(text))].filter(token => /[\p{L}\p{N}]/u.test(token))
    const ids = vocabulary.encode(tokens)
    return {
      answer: { words: tokens.filter((_, i) => ids[i] === UNK), known: vocabulary.size - SPECIAL_TOKENS.length },
    }
  },
}

export const serveModels = () => serve(handlers, { inTurn: true })
