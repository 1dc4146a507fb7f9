/** Long computation gives way now and then, so that signals are handled and progress is shown. */

export const giveWay = () => new Promise<void>(resolve => setImmediate(resolve))

/** Has a translator give way after each batch, as it does where it may be aborted. */
export const GIVING_WAY: { readonly signal: AbortSignal } = { signal: new AbortController().signal }
