export * from './errors.ts'
export * from './text/vocabulary.ts'
