import { UserError } from '../errors.ts'

/** The special tokens every vocabulary starts with, in this order: their ids are 0, 1, 2, 3. */
export const SPECIAL_TOKENS = ['<pad>', '<unk>', '<s>', '</s>'] as const
export const PAD = 0
export const UNK = 1
export const BOS = 2
export const EOS = 3

/** A bijection between tokens and ids; id 0..3 are the special tokens. */
export class Vocabulary {
  readonly #ids = new Map<string, number>()

  /** @param tokens every token, in order of id, the four special ones first */
  constructor(readonly tokens: readonly string[]) {
    for (let id = 0; id < tokens.length; id++) this.#ids.set(tokens[id], id)
  }

  get size(): number {
    return this.tokens.length
  }

  /** The id of a token; {@link UNK} where it is not in the vocabulary. */
  id(token: string): number {
    return this.#ids.get(token) ?? UNK
  }

  has(token: string): boolean {
    return this.#ids.has(token)
  }

  token(id: number): string {
    return this.tokens[id]
  }

  /**
   * A vocabulary from its file: one token a line; the line, from 0, is its id.
   * @throws UserError `damaged-vocabulary` with the line, where the special tokens do not come first
   */
  static parse(text: string): Vocabulary {
    const tokens = text.replace(/\n$/u, '').split('\n')
    SPECIAL_TOKENS.forEach((token, id) => {
      if (tokens[id] !== token)
        throw new UserError('damaged-vocabulary', `line ${id + 1} is not the special token ${token}`)
    })
    return new Vocabulary(tokens)
  }

  /** The text of its file. */
  toText(): string {
    return `${this.tokens.join('\n')}\n`
  }

  /** The ids of a text's tokens. A special token that stands in the text itself is none: it becomes {@link UNK}. */
  encode(tokens: readonly string[]): number[] {
    return tokens.map(token => {
      const id = this.id(token)
      return id < SPECIAL_TOKENS.length ? UNK : id
    })
  }
}
