/** The version of this package: that of its package.json, which a test compares. A constant, so that it is known in a page, too. */

/** Part of the signature of every score and of every packed file. */
export const VERSION = '0.1.0'
