/** Statements that the embedded database parses and plans once, however often they are run. */

import type { PGlite } from '@electric-sql/pglite'

/** Statements kept at most; the server's own are some dozens. */
const keptAtMost = 200

/**
 * Statements run between two plannings. A server of PostgreSQL plans anew once its autovacuum has looked at a table that
 * has grown; the embedded one has none, and would go on reading whole tables as it did when they were empty.
 */
const runsPerPlan = 256

interface Prepared {
  readonly name: string
  /** Types of its parameters, as PostgreSQL numbers them. */
  readonly parameterTypes: readonly number[]
}

/**
 * Makes a function that runs one statement and gives its rows.
 *
 * PGlite's own `query` sends six messages of the extended query protocol one by one, the text to parse among them; a
 * statement that is known needs four, which go together: for a short statement that is most of what it costs.
 *
 * @param library - The module that the database is of.
 * @returns Rows as `query` gives them. Not to be called while a transaction of another caller's is open.
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export function preparedStatements(
  database: PGlite,
  { parse, protocol: { serialize } }: typeof import('@electric-sql/pglite'),
): (statement: string, parameters?: readonly unknown[]) => Promise<Record<string, unknown>[]> {
  const known = new Map<string, Prepared>()
  let runs = 0

  const prepare = async (text: string): Promise<Prepared> => {
    const before = known.get(text)
    if (before !== undefined) return before
    const name = known.size < keptAtMost ? `statement_${known.size}` : '' // without a name, until the next such
    const told = await database.execProtocolStream(
      Buffer.concat([serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), serialize.sync()]),
    )
    const made = { name, parameterTypes: parse.parseDescribeStatementResults(told) }
    if (name !== '') known.set(text, made)
    return made
  }

  return (text, parameters = []) =>
    database.runExclusive(async () => {
      runs += 1
      // Before the statement is prepared: a simple query drops one without a name.
      if (runs % runsPerPlan === 0) await database.execProtocolStream(serialize.query('discard plans'))
      const { name, parameterTypes } = await prepare(text)
      const values = parameters.map((value, place) => {
        if (value === null || value === undefined) return null
        const serialized = database.serializers[parameterTypes[place] ?? 0]?.(value)
        return serialized ?? (typeof value === 'string' ? value : JSON.stringify(value))
      })
      const told = await database.execProtocolStream(
        Buffer.concat([
          serialize.bind({ statement: name, values }),
          serialize.describe({ type: 'P' }),
          serialize.execute({}),
          serialize.sync(),
        ]),
      )
      const [result] = parse.parseResults(told, database.parsers)
      return (result?.rows ?? []) as Record<string, unknown>[] // rows are objects unless asked for otherwise
    })
}
