/** Words of a translation that another has not, marked. */
import { element } from './dom.ts'

/** Beyond this many words differences are not looked for: the time grows with the square. */
const MOST_COMPARED = 600

/** Marks the words that are not in the longest common subsequence with `reference`. @returns how many there are */
export function showDifferences(place: HTMLElement, text: string, reference: string): number | undefined {
  const [words, others] = [text.split(' '), reference.split(' ')]
  if (Math.max(words.length, others.length) > MOST_COMPARED) {
    place.replaceChildren(text)
    return undefined
  }
  const common = commonWords(words, others)
  place.replaceChildren()
  for (const [i, word] of words.entries()) place.append(i > 0 ? ' ' : '', common[i] ? word : element('mark', {}, word))
  return common.filter(same => !same).length
}

/** Which of `words` are in the longest subsequence that both have. */
function commonWords(words: readonly string[], others: readonly string[]): boolean[] {
  const width = others.length + 1
  const longest = new Uint16Array((words.length + 1) * width)
  for (let i = words.length - 1; i >= 0; i--)
    for (let j = others.length - 1; j >= 0; j--)
      longest[i * width + j] =
        words[i] === others[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1])
  const common = words.map(() => false)
  for (let i = 0, j = 0; i < words.length && j < others.length; ) {
    if (words[i] === others[j]) {
      common[i++] = true
      j++
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++
    else j++
  }
  return common
}
