/** The worker's side: loads a model and translates what it is sent. */
import { loadModel } from '../network/load.ts'
import { Translator } from '../translator.ts'
import type { Answer, ModelFacts, PlainError, Port, Request } from './protocol.ts'

/** Answers the requests that come through a port, one after the other. */
export function serveTranslator(port: Port<Answer, Request>): void {
  let translator: Translator | undefined
  let last: Promise<void> = Promise.resolve()
  port.onmessage = ({ data }) => {
    last = last.then(() => answer(data).catch(error => port.postMessage({ kind: 'failed', error: plainError(error) })))
  }

  async function answer(request: Request): Promise<void> {
    switch (request.kind) {
      case 'load': {
        const onProgress = (received: number, total?: number) => port.postMessage({ kind: 'progress', received, total })
        const model = await loadModel(request.source, { shared: request.shared, onProgress })
        translator = await Translator.of(model, request)
        port.postMessage({ kind: 'loaded', model: facts(translator), loaded: request.shared ? model : undefined })
        return
      }
      case 'share':
        translator = await Translator.of(request.model, request)
        port.postMessage({ kind: 'loaded', model: facts(translator) })
        return
      case 'translate':
        if (!translator) throw new Error('no model was loaded')
        port.postMessage({
          kind: 'translated',
          translations: await translator.translate(request.sentences, request.options),
        })
        return
      default:
        request satisfies never
    }
  }
}

function facts({ model, hasAttention }: Translator): ModelFacts {
  const { bytes, quality, memory } = model!
  return { bytes, quality, hasAttention, memory: memory.buffer.byteLength }
}

function plainError(error: unknown): PlainError {
  const { name, message, code, section } = error as PlainError
  return { name, message, code, section }
}
