/** Features of a whole data set, made part by part on all cores. */

export { exportFeatures } from './export-features.ts'
export { makeParts, type PartsMade, type PartsOptions } from './make-parts.ts'
