/** The engine's errors: operands that do not fit, inputs that a program cannot take, a backend that cannot start. */

/** Operands whose shapes or types do not fit, found while tracing; the message names both and the dimension. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

/** A program given inputs that it does not know, or that do not have the type or shape it was traced with. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

/** A backend that cannot start or go on. `code` is stable; the message says what to do where something can be done. */
export class BackendError extends Error {
  override readonly name = 'BackendError'

  constructor(
    readonly code:
      | 'no-onnxruntime'
      | 'onnxruntime-does-not-load'
      | 'no-webassembly'
      | 'out-of-memory'
      | 'thread'
      | 'released',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
