/** Runs the same tests on the embedded database and on a PostgreSQL server. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Database, openDatabase } from '../../../serving/store/database.ts'
import { migrate } from '../../../serving/store/migrations.ts'
import { createCluster, type PostgresCluster, postgresPrograms } from './postgres-cluster.ts'

/**
 * Describes tests of a database; on a PostgreSQL server they are skipped by name where none is installed, except in CI,
 * which installs it.
 *
 * @param tests - Given a function that gives the database once tests run.
 */
export function describeEachDatabase(tests: (database: () => Database, kind: string) => void): void {
  const programs = postgresPrograms()
  if (programs === null && process.env.CI !== undefined) throw new Error('CI installs PostgreSQL, but it is not here')
  for (const kind of ['PGlite', 'PostgreSQL'] as const) {
    const here = kind === 'PGlite' || programs !== null
    describe.skipIf(!here)(here ? kind : `${kind} is not installed: skipped`, () => {
      let root = ''
      let cluster: PostgresCluster | undefined
      let database: Database
      beforeAll(async () => {
        root = mkdtempSync(join(tmpdir(), 'harbinger-database-'))
        if (kind === 'PostgreSQL') cluster = await createCluster(programs as string)
        database = await openDatabase({ url: cluster?.url, folder: join(root, 'database') })
        await migrate(database)
      })
      afterAll(async () => {
        await database?.close()
        await cluster?.remove()
        rmSync(root, { recursive: true, force: true })
      })
      tests(() => database, kind)
    })
  }
}
