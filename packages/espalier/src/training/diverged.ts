/** A training that diverged: its weights or its loss are no numbers any more. */
import { UserError } from '@espalier/runtime'

export class DivergedError extends UserError {
  /**
   * @param reason what was found, at which step: a sentence without its full stop
   * @param remedy how to go on
   */
  constructor(
    readonly reason: string,
    remedy: string,
  ) {
    super('diverged', `${reason}. ${remedy}`)
  }
}
