import { describe, expect, it } from 'vitest'
import { matchLanguage, parseLanguage } from '../../src/index.ts'

describe('language codes', () => {
  it('come out as BCP 47 writes them', () => {
    for (const [given, code] of [
      ['EN_gb', 'en-GB'],
      ['ger', 'de'],
      ['DE-de-1996', 'de-DE-1996'],
      ['fr', 'fr'],
    ])
      expect(parseLanguage(given, '--source-language')).toEqual({ code })
  })

  it('are said to have no rules', () => {
    expect(parseLanguage('pt-br', '--source-language')).toEqual({
      code: 'pt-BR',
      notice:
        '--source-language pt-br: there are no tokenisation rules for Portuguese; the rules that most languages share are used',
    })
    for (const unknown of ['xx', 'klingon'])
      expect(parseLanguage(unknown, '--target-language').notice).toMatch(
        `--target-language ${unknown}: ${unknown} is not the code of a language known here`,
      )
  })

  it.each(['', 'e', 'english language', 'en--GB', '*all*', '12', 'x-default'])('are refused: %j', code => {
    expect(() => parseLanguage(code, '--source-language')).toThrow(/^--source-language .*is not a language code/u)
  })

  it('are matched: the same, then a variant, then the language itself', () => {
    expect(matchLanguage(['en-GB', 'en'], 'EN')).toBe('en')
    expect(matchLanguage(['enm', 'en-GB', 'en-US'], 'en')).toBe('en-GB')
    expect(matchLanguage(['en-US', 'en'], 'en_GB')).toBe('en')
    expect(matchLanguage(['en-US', '', '*all*'], 'en-GB')).toBeUndefined()
    expect(matchLanguage(['X-Default', 'de'], 'x-default')).toBe('X-Default')
  })
})
