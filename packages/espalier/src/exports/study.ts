/**
 * Studies: recipes, schedules, a run, its results and report.
 * @module espalier/study
 */

export { ModelStore, type ModelStoreOptions } from '../store/model-store.ts'
export type { PruneRecipe, Recipe, RetrainRecipe, TrainRecipe } from '../store/recipe.ts'
export { answerClaims } from '../study/claims/index.ts'
export { parseStudy, type StudyConfiguration } from '../study/configuration.ts'
export { writeComparison, writeReport } from '../study/report/index.ts'
export type { Claim, Comparison, Failure, ModelResult, StudyResults, Summary } from '../study/results.ts'
export { readResults } from '../study/results-file.ts'
export { parseSchedule, type Schedule, scheduleRecipes } from '../study/schedule.ts'
export { runStudy, type StudyEvents, type StudyOptions } from '../study/study.ts'
export type { TestSet } from '../study/test-sets.ts'
