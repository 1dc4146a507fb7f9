/**
 * Studies: recipes, schedules, a run, its results and report.
 * @module espalier/study
 */

export { ModelStore, type ModelStoreOptions } from '../store/model-store.ts'
export type { PruneRecipe, Recipe, RetrainRecipe, TrainRecipe } from '../store/recipe.ts'
export { answerClaims } from '../study/claims/index.ts'
export { parseStudy, type StudyConfiguration } from '../study/configuration.ts'
export { readResults, writeReport } from '../study/report.ts'
export type { Claim, ModelResult, StudyResults } from '../study/results.ts'
export { parseSchedule, type Schedule, scheduleRecipes } from '../study/schedule.ts'
export { runStudy, type StudyEvents, type StudyOptions } from '../study/study.ts'
