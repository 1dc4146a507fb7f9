/** A failure that is told without a stack. */
export class DemoError extends Error {}
