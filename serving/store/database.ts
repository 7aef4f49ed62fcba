/** The database as the store uses it: PostgreSQL's dialect, embedded (PGlite) or a server's. */

import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import pg from 'pg'
import { InputError } from '../../data/index.ts'
import { preparedStatements } from './prepared-statements.ts'

/** What a statement may be given: nothing that JSON doesn't hold, so that it can be sent to the process that owns the database. */
export type Parameter = string | number | boolean | null | readonly string[] | readonly number[]

/** A row as a statement gives it: statements cast what JSON doesn't hold (dates, big integers, bytes) to text. */
export type Row = Readonly<Record<string, unknown>>

/** Answers statements. */
export interface Queryable {
  /** Runs one statement with parameters `$1` … */
  query(statement: string, parameters?: readonly Parameter[]): Promise<Row[]>
}

/** A database of one's own. */
export interface Database extends Queryable {
  readonly kind: 'embedded' | 'server'
  /** Runs statements without parameters, one after the other. */
  execute(statements: string): Promise<void>
  /** Does all or nothing: an error undoes what was done. */
  transaction<Result>(work: (inside: Queryable & Pick<Database, 'execute'>) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/**
 * Opens the database.
 *
 * @param url - `postgres://…`; left out: the embedded one.
 * @param folder - Where the embedded one lies; only one process at a time may have it open.
 * @throws What the driver throws if it can't be reached.
 */
export function openDatabase({ url, folder }: { url?: string | undefined; folder: string }): Promise<Database> {
  return url === undefined ? openEmbedded(folder) : openServer(url)
}

/**
 * What the embedded database keeps in memory of its own, beside what the operating system keeps of its files. With
 * PostgreSQL's 128 MB the process holds 150 MiB more under load, for pages that nobody reads again.
 */
const sharedBuffers = '32MB'

/**
 * What reading a page out of order costs beside reading on. PostgreSQL's 4 is for disks that turn: tables of some ten
 * thousand rows would be read whole where a few rows are wanted.
 */
const randomPageCost = 1.1

async function openEmbedded(folder: string): Promise<Database> {
  const library = await import('@electric-sql/pglite')
  const { Mutex, PGlite } = library
  // PGlite runs with -F (don't wait for the disk). A journal is deleted once the database has it, so it must wait.
  const waiting = PGlite.defaultStartParams.filter(parameter => parameter !== '-F')
  const startParams = [...waiting, '-c', `shared_buffers=${sharedBuffers}`, '-c', `random_page_cost=${randomPageCost}`]
  if (!existsSync(folder)) {
    // Made elsewhere and renamed: a process killed meanwhile leaves no half-made database behind.
    const making = `${folder}.making`
    await rm(making, { recursive: true, force: true })
    await mkdir(making, { recursive: true, mode: 0o700 })
    await (await PGlite.create({ dataDir: making, startParams })).close()
    await rename(making, folder)
  }
  const database = await PGlite.create({ dataDir: folder, startParams })
  const query = preparedStatements(database, library)
  // One session for all: what isn't of a transaction waits until it is over.
  const turn = new Mutex()
  const executeBy = (target: Pick<typeof database, 'exec'>) => async (statements: string) => {
    await target.exec(statements)
  }
  return {
    kind: 'embedded',
    query: (statement, parameters) => turn.runExclusive(() => query(statement, parameters)),
    execute: statements => turn.runExclusive(() => executeBy(database)(statements)),
    transaction: work =>
      turn.runExclusive(() => database.transaction(inside => work({ query, execute: executeBy(inside) }))),
    close: () => turn.runExclusive(() => database.close()),
  }
}

/** Longest wait for a connection, in milliseconds. */
const connectMs = 5000

async function openServer(url: string): Promise<Database> {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new InputError({
      source: 'environment',
      field: 'DATABASE_URL',
      expected: 'postgres://user@host:port/database',
    })
  }
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: connectMs })
  pool.on('error', () => {}) // an idle connection broke: the next statement opens another, or fails
  // One that is in use and breaks between two statements of a transaction: the next of them fails.
  pool.on('connect', client => client.on('error', () => {}))
  const queryable = (target: Pick<pg.ClientBase, 'query'> | pg.Pool) => ({
    query: async (statement: string, parameters: readonly Parameter[] = []): Promise<Row[]> =>
      (await target.query<Row>(statement, [...parameters])).rows,
    execute: async (statements: string) => {
      await target.query(statements)
    },
  })
  return {
    kind: 'server',
    ...queryable(pool),
    transaction: async work => {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        await client.query('begin')
        const result = await work(queryable(client))
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch((fault: unknown) => {
          broken = fault as Error
        })
        throw error
      } finally {
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}
