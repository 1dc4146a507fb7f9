/** Models that a server has: their addresses, what it answers, and errors that say what is wrong. */
import { UserError } from '../errors.ts'

/** A whole address, relative ones from where the page or worker is. @throws UserError `invalid-argument` */
export function addressOf(url: string | URL): string {
  const { location } = globalThis as { location?: { href: string } }
  try {
    return new URL(url, location?.href).href
  } catch (cause) {
    const remedy = location ? '' : '; outside of a page give a whole one, or the bytes of a file'
    throw new UserError('invalid-argument', `${url} is not an address${remedy}`, { cause })
  }
}

/** @throws UserError `invalid-argument`, `unreachable`, `not-found`, `http-error` */
export async function fetchModel(url: string | URL): Promise<Response> {
  const address = addressOf(url)
  const response = await fetch(address).catch(cause => {
    throw unreachable(`${address} cannot be fetched`, cause)
  })
  checkResponse(response)
  return response
}

/** @throws UserError `not-found`, `http-error` */
export function checkResponse({ ok, status, statusText, url }: Response): void {
  if (ok) return
  const code = status === 404 || status === 410 ? 'not-found' : 'http-error'
  throw new UserError(code, `${url || 'the model'}: the server answered ${status} ${statusText}`.trim())
}

/** Bytes that will arrive. Of compressed answers the header counts those before they are decompressed. */
export function lengthOf({ headers }: Response): number | undefined {
  return headers.get('content-encoding') ? undefined : Number(headers.get('content-length')) || undefined
}

/** The same chunks; where the connection breaks, UserError `unreachable`. */
export async function* orUnreachable(chunks: AsyncIterable<Uint8Array>, url: string | URL): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (cause) {
    // Engines throw a TypeError where a connection ends too early.
    throw cause instanceof TypeError ? unreachable(`${url}: the connection broke`, cause) : cause
  }
}

/** Engines tell pages only that a request failed, not why. */
function unreachable(what: string, cause: unknown): UserError {
  const reason = 'the server does not answer, or a policy forbids the request (CORS, connect-src)'
  return new UserError('unreachable', `${what}: ${reason}`, { cause })
}
