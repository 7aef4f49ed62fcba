/** Loads a data set's tables and checks them: strict runs stop at findings, tolerant ones put the rows aside. */

import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type DatasetDescription, InputError, type InputProblem, type TableName } from '../index.ts'
import { type CheckContext, type CheckedTable, rules } from './checks/index.ts'
import { identifier, readCount, readRows } from './database.ts'
import { type LoadedTable, loadTable, unreadableParquet } from './load-table.ts'
import { type QuarantinedRow, writeQuarantine } from './quarantine.ts'
import { type ColumnSchema, tableSchemas } from './table-schema.ts'

/** Tables that are ready to read. */
export interface PreparedTables {
  readonly context: CheckContext
  readonly counts: Partial<Record<TableName, number>>
  readonly findings: readonly InputProblem[]
  readonly quarantined: number
}

/** Findings listed per rule and column, at most. */
const findingsPerQuery = 1000

/** Findings shown in a message, at most. */
const findingsShown = 20

/**
 * Loads and checks the tables of a data set.
 *
 * @param onProgress - Rules checked so far, of how many.
 * @throws InputError if a file or column is missing, or, in a strict run, if any row breaks a rule.
 */
export async function prepareTables(
  connection: DuckDBConnection,
  folder: string,
  description: DatasetDescription,
  tolerant: boolean,
  onProgress: (step: string, done: number, of: number) => void,
): Promise<PreparedTables> {
  const tables = new Map<TableName, CheckedTable>()
  const files = new Map<TableName, LoadedTable>()
  const aside: QuarantinedRow[] = []
  const names = Object.keys(tableSchemas) as TableName[]
  for (const [place, name] of names.entries()) {
    const table = description.tables[name]
    if (table === undefined) continue
    onProgress('Reading', place, names.length)
    const loaded = await loadTable(connection, `raw_${name}`, join(folder, table.path))
    files.set(name, loaded)
    tables.set(name, await mapColumns(connection, name, loaded, table.columns))
    for (const { raw, ...problem } of loaded.unreadable) aside.push({ table: name, problem, raw })
  }
  const context: CheckContext = { tables, dataCutOn: description.dataCutOn, currency: description.currency }
  if (!tolerant && aside.length > 0) refuse(aside.map(({ problem }) => problem))

  // Putting a row aside can orphan others, so a tolerant run checks until nothing more is found.
  for (let _round = 0; ; _round += 1) {
    const found = await findProblems(connection, context, onProgress)
    if (found.length === 0) break
    if (!tolerant) refuse(found.map(({ problem }) => problem))
    aside.push(...(await putAside(connection, files, tables, found)))
  }
  if (tolerant) writeQuarantine(join(folder, 'quarantine.csv'), aside)

  const counts: Partial<Record<TableName, number>> = {}
  for (const { name, view } of tables.values()) {
    counts[name] = await readCount(connection, `SELECT count(*) FROM ${view}`)
    if (counts[name] === 0) {
      throw new InputError({
        source: tables.get(name)?.file ?? name,
        expected: 'at least one good row',
        rule: 'empty-file',
      })
    }
  }
  return { context, counts, findings: aside.map(({ problem }) => problem), quarantined: aside.length }
}

/** A view of a loaded file under our column names: numbers where the file holds numbers, else text. */
async function mapColumns(
  connection: DuckDBConnection,
  name: TableName,
  loaded: LoadedTable,
  mapping: Readonly<Record<string, string>>,
): Promise<CheckedTable> {
  const schema = tableSchemas[name]
  const columns = [...schema.columns, ...(name === 'truth' ? furtherTruth(loaded) : [])]
  const known = new Set(columns.map(column => column.name))
  for (const ours of Object.keys(mapping)) {
    if (!known.has(ours)) {
      throw new InputError({
        source: 'dataset.json',
        field: `tables.${name}.columns.${ours}`,
        found: ours,
        expected: `one of our columns: ${[...known].join(', ')}`,
        rule: 'missing-column',
      })
    }
  }
  const has = new Set(loaded.columns)
  const theirs = (ours: string): string => mapping[ours] ?? ours
  const missing = columns.filter(column => (column.required || column.name in mapping) && !has.has(theirs(column.name)))
  if (missing.length > 0) {
    throw new InputError(
      missing.map(column => ({
        source: loaded.file,
        field: theirs(column.name),
        found: `columns ${loaded.columns.join(', ')}`,
        expected: `a column of this name${column.name === theirs(column.name) ? '' : `, which dataset.json maps to ${column.name}`}`,
        rule: 'missing-column',
      })),
    )
  }
  const present = columns.filter(column => has.has(theirs(column.name)))
  const currency = has.has('currency') && !known.has('currency')
  const view = identifier(name)
  const selected = present.map(column => {
    const cell = identifier(theirs(column.name))
    const number = (column.type === 'number' || column.type === 'integer') && loaded.numeric.has(theirs(column.name))
    return `${number ? cell : `CAST(${cell} AS VARCHAR)`} AS ${identifier(column.name)}`
  })
  await connection.run(
    `CREATE VIEW ${view} AS SELECT ${['"row"', ...selected, ...(currency ? ['CAST(currency AS VARCHAR) AS currency'] : [])].join(', ')}
     FROM ${identifier(loaded.table)}`,
  )
  return {
    name,
    view,
    file: loaded.file,
    columns: present,
    key: schema.key,
    ...(loaded.onDisk ? { parquet: { columnOf: mapping } } : {}),
    ...(currency ? { currencyColumn: 'currency' } : {}),
  }
}

/** Truth files have as many horizons as the simulator was asked for. */
function furtherTruth(loaded: LoadedTable): ColumnSchema[] {
  return loaded.columns
    .filter(column => /^pd([2-9]|[1-9]\d+)$/.test(column))
    .map(name => ({ name, type: 'number', required: true, minimum: 0, maximum: 1 }))
}

interface Found {
  readonly table: TableName
  readonly problem: InputProblem & { readonly row: number }
}

async function findProblems(
  connection: DuckDBConnection,
  context: CheckContext,
  onProgress: (step: string, done: number, of: number) => void,
): Promise<Found[]> {
  const found: Found[] = []
  const broken = await findBroken(connection, context)
  for (const [place, rule] of rules.entries()) {
    onProgress('Checking', place, rules.length)
    for (const query of rule.queries(context)) {
      if (query.where !== undefined && !broken.has(query.sql)) continue
      const rows = await readRows(connection, `SELECT * FROM (${query.sql}) ORDER BY "row" LIMIT ${findingsPerQuery}`)
      for (const row of rows) {
        found.push({
          table: query.table,
          problem: {
            source: context.tables.get(query.table)?.file ?? query.table,
            row: Number(row.row),
            field: String(row.field),
            ...(row.found === null ? {} : { found: String(row.found) }),
            expected: query.expected,
            rule: rule.name,
          },
        })
      }
    }
  }
  return found
}

/** Which of the rules on single cells are broken at all: one pass over each file, as most files break none. */
async function findBroken(connection: DuckDBConnection, context: CheckContext): Promise<ReadonlySet<string>> {
  const broken = new Set<string>()
  for (const { name, view, file } of context.tables.values()) {
    const queries = rules.flatMap(rule =>
      rule.queries(context).filter(({ table, where }) => table === name && where !== undefined),
    )
    if (queries.length === 0) continue
    try {
      const sql = `SELECT ${queries.map(({ where }, place) => `bool_or(${where}) AS q${place}`).join(', ')} FROM ${view}`
      const [row] = await readRows(connection, sql)
      for (const [place, { sql: query }] of queries.entries()) if (row?.[`q${place}`] === true) broken.add(query)
    } catch (error) {
      throw unreadableParquet(file, error)
    }
  }
  return broken
}

/** Takes bad rows out of their tables, and returns them as they were. */
async function putAside(
  connection: DuckDBConnection,
  files: ReadonlyMap<TableName, LoadedTable>,
  tables: Map<TableName, CheckedTable>,
  found: readonly Found[],
): Promise<QuarantinedRow[]> {
  const aside: QuarantinedRow[] = []
  for (const [name, loaded] of files) {
    const first = new Map<number, InputProblem>()
    for (const { table, problem } of found)
      if (table === name && !first.has(problem.row)) first.set(problem.row, problem)
    if (first.size === 0) continue
    const list = [...first.keys()]
    const rows = await readRows(
      connection,
      `SELECT "row", to_json(t)::VARCHAR AS content FROM ${identifier(loaded.table)} t WHERE "row" IN (${list.join(', ')})`,
    )
    for (const row of rows) {
      const problem = first.get(Number(row.row))
      if (problem !== undefined) aside.push({ table: name, problem, raw: String(row.content) })
    }
    await loaded.remove(list)
    // what lies on disk still has those rows
    const table = tables.get(name)
    if (table !== undefined) {
      const { parquet: _, ...rest } = table
      tables.set(name, rest)
    }
  }
  return aside
}

function refuse(problems: readonly InputProblem[]): never {
  const shown = problems.slice(0, findingsShown)
  const more = problems.length - shown.length
  throw new InputError(
    more === 0
      ? shown
      : [
          ...shown,
          {
            source: 'check',
            found: `${more} more findings`,
            expected: 'no findings, or --tolerant to quarantine the rows',
          },
        ],
  )
}
