/** The worker's side: loads a model and translates what it is sent. */
import { loadModel } from '../network/load.ts'
import { Translator } from '../translator.ts'
import { serializeError } from './errors.ts'
import type { Port, Reply, ReplyMessage, Request, RequestMessage, SerializableOptions } from './protocol.ts'

/** Answers the requests that come through a port, one after the other. */
export function serveTranslator(port: Port<ReplyMessage, RequestMessage>): void {
  let translator: Translator | undefined
  let last: Promise<void> = Promise.resolve()
  port.onmessage = ({ data }) => {
    last = last.then(async () => {
      const reply = await answer(data, data.id).catch(
        (error): Reply => ({ kind: 'failed', error: serializeError(error) }),
      )
      port.postMessage({ ...reply, id: data.id })
    })
  }
  port.postMessage({ kind: 'ready' })

  async function answer(request: Request, id: number): Promise<Reply> {
    switch (request.kind) {
      case 'load': {
        const onProgress = (received: number, total?: number) =>
          port.postMessage({ kind: 'progress', id, received, total })
        const { source, shared, kernels } = request
        const parts = await loadModel(source, { shared, kernels, onProgress })
        translator = await Translator.of(parts, request)
        return { ...loaded(translator), parts: shared ? parts : undefined }
      }
      case 'share':
        translator = await Translator.of(request.model, request)
        return loaded(translator)
      case 'translate': {
        if (!translator) throw new Error('no model was loaded')
        const translations = await translator.translate(request.sentences, localOptions(request.options))
        return { kind: 'translated', translations }
      }
      default:
        return request satisfies never
    }
  }
}

function loaded({ model, hasAttention }: Translator): Extract<Reply, { kind: 'loaded' }> {
  if (!model) throw new Error('a model that was loaded has its figures')
  return { kind: 'loaded', model, hasAttention }
}

function localOptions({ maxLengths, ...options }: SerializableOptions) {
  return maxLengths ? { ...options, maxLength: (length: number) => maxLengths[length - 1] } : options
}
