/** The worker that translates with one packed file. */
import { Translator } from '@espalier/runtime'
import { type Handlers, serve } from './serve.ts'
import type { TranslatorCalls } from './translator-calls.ts'

let translator: Translator | undefined

const handlers: Handlers<TranslatorCalls> = {
  load: async ({ bytes }) => {
    translator = await Translator.load(bytes)
    return { answer: { hasAttention: translator.hasAttention } }
  },
  translate: async ({ sentences, ...options }) => {
    if (!translator) throw new Error('no model is loaded')
    return { answer: await translator.translate(sentences, options) }
  },
}

export const serveTranslations = () => serve(handlers, { inTurn: true })
