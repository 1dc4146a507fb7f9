/** Places in one piece of memory. */

/** Offsets of spans that are taken and given back, lowest first. */
export class Arena {
  bytes = 0
  #free: { offset: number; bytes: number }[] = []

  take(bytes: number): number {
    const span = this.#free.find(free => free.bytes >= bytes)
    if (!span) {
      const last = this.#free.at(-1)
      const joins = last && last.offset + last.bytes === this.bytes
      const offset = joins ? last.offset : this.bytes
      if (joins) this.#free.pop()
      this.bytes = offset + bytes
      return offset
    }
    const { offset } = span
    span.offset += bytes
    span.bytes -= bytes
    if (span.bytes === 0) this.#free.splice(this.#free.indexOf(span), 1)
    return offset
  }

  give(offset: number, bytes: number): void {
    const place = this.#free.findIndex(free => free.offset > offset)
    const at = place < 0 ? this.#free.length : place
    this.#free.splice(at, 0, { offset, bytes })
    for (const i of [at, at - 1]) {
      const [span, next] = [this.#free[i], this.#free[i + 1]]
      if (!span || !next || span.offset + span.bytes !== next.offset) continue
      span.bytes += next.bytes
      this.#free.splice(i + 1, 1)
    }
  }
}
