/** A web worker that translates: the module that `startTranslator` starts in a browser. */
import type { Answer, Port, Request } from './protocol.ts'
import { serveTranslator } from './serve.ts'

serveTranslator(globalThis as unknown as Port<Answer, Request>)
