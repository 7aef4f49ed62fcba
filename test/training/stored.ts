import type { FeatureColumns } from '../../models/index.ts'
import { buildFeatureStore, type FeatureStore } from '../../training/feature-store.ts'

/** Columns as a store of features; on disk if it may take no memory. */
export function stored(columns: FeatureColumns, bytesInMemory?: number): FeatureStore {
  const builder = buildFeatureStore(columns.features, bytesInMemory)
  builder.add(columns)
  return builder.done()
}
