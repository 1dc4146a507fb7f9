/** The word of a list that is nearest to a misspelt one (Levenshtein distance). */
export function nearest(word: string, known: readonly string[]): string {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j)
    for (let i = 1; i <= a.length; i++) {
      const next = [i]
      for (let j = 1; j <= b.length; j++)
        next[j] = Math.min(
          row[j] + 1,
          next[j - 1] + 1,
          row[j - 1] + Number(a[i - 1].toLowerCase() !== b[j - 1].toLowerCase()),
        )
      row = next
    }
    return row[b.length]
  }
  return [...known].sort((a, b) => distance(word, a) - distance(word, b))[0]
}
