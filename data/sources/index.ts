/** The second door of `data/`: reading, checking and importing with DuckDB. For the trainer only. */

export { fileRules, rowRules, rules } from './checks/index.ts'
export { type Database, identifier, literal, openDatabase } from './database.ts'
export { type Dataset, type OpenOptions, openDataset } from './dataset.ts'
export { importCreditRecords } from './importers/credit-records.ts'
export { importUciCreditCard } from './importers/uci-credit-card.ts'
export { readShard } from './read-shard.ts'
export type { Shard, ShardSource } from './shards.ts'
export { type ColumnSchema, type TableSchema, tableSchemas } from './table-schema.ts'
