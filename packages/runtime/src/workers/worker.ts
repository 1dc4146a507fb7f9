/** A web worker that translates: the module that `startTranslator` starts in a browser. */
import type { Port, ReplyMessage, RequestMessage } from './protocol.ts'
import { serveTranslator } from './serve.ts'

// The global scope of a worker; the DOM's types have that of a page.
serveTranslator(globalThis as unknown as Port<ReplyMessage, RequestMessage>)
