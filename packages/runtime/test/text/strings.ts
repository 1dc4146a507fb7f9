/** Strings that text code has to survive, for property tests. */
import fc from 'fast-check'

/** Any string at all, lone surrogates included, and strings rich in what tokenisers look for. */
export const anyLine = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map(units => units.map(unit => String.fromCharCode(unit)).join('')),
  fc
    .array(
      fc.constantFrom(
        ...'abczé.,;:!?\'"’“”„«»()[]-–_/@#&%$€0123 \t'.split(''),
        '...',
        'https://',
        'z.B.',
        '@@',
        '</w>',
        '<s>',
        '👩‍🌾',
        '🇩🇪',
        'שלום',
        '\ud83d',
        '\u200d',
      ),
      { maxLength: 40 },
    )
    .map(parts => parts.join('')),
)
