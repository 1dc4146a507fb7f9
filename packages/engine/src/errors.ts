/** Operands whose shapes or types do not fit, found while tracing; the message names both and the dimension. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

/** A program given inputs that it does not know, or that do not have the shape it was traced with. */
export class InputError extends Error {
  override readonly name = 'InputError'
}
