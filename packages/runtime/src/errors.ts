/**
 * A mistake that a user can make and mend: wrong input, option or file. The message names the file, line or option,
 * what was found and what would be right. The command line prints the message, never a stack, and exits with 2.
 */
export class UserError extends Error {
  /** @param code stable, in kebab-case, for programs: `invalid-utf8`, `unknown-option`, … */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'UserError'
  }
}
