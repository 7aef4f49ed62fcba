/**
 * Writes rows for a client, once for each `Idempotency-Key`: a client that doesn't know whether its call came through
 * sends it again, and gets the first answer.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */

import type { Request, Response } from 'express'
import { z } from 'zod'
import { canonicalJson } from '../../data/index.ts'
import { ProblemError } from '../problems.ts'
import { callerOf } from '../routes/identified.ts'
import type { Queryable } from './database.ts'
import { sha256 } from './hash-chain.ts'
import { storeAnswer } from './store-answer.ts'

/** What is written, and what is answered once it is. */
export interface Write {
  /**
   * `insert … select … from json_to_recordset($1::json->'name') as r (…)`, without a `where`; all are done, or none.
   */
  readonly inserts: readonly string[]
  /** Rows of each insert, by the name it reads. */
  readonly rows: Readonly<Record<string, readonly object[]>>
  readonly status: number
  readonly answer: object
}

/** A key may be as long as this. */
const keySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'a key of 1 to 255 visible ASCII characters')
  .optional()

const storedSchema = z.tuple([z.object({ request_hash: z.string(), status: z.int(), answer: z.string() })])

/** Keys are kept as long as this. */
const keptFor = '7 days'

/**
 * Writes and answers; a call repeated with its key is answered as the first time, with `Idempotent-Replayed: true`.
 *
 * @throws ProblemError `idempotency-key-reused` if another body came with the same key, `invalid-request` if the key is
 *   none, `store-unavailable` if the database is down.
 */
export async function writeOnce(
  database: Queryable,
  request: Request,
  response: Response,
  { inserts, rows, status, answer }: Write,
): Promise<void> {
  const parsed = keySchema.safeParse(request.get('idempotency-key'))
  if (!parsed.success) {
    throw new ProblemError('invalid-request', `Idempotency-Key: expected ${parsed.error.issues[0]?.message}.`)
  }
  const key = parsed.data
  const text = JSON.stringify(answer)
  const send = (code: number, body: string): void => {
    response.status(code).type('json').send(body)
  }
  if (key === undefined) {
    await storeAnswer(database.query(statementOf(inserts, 'select 1 as one'), [JSON.stringify(rows)]))
    send(status, text)
    return
  }
  const caller = callerOf(response) ?? ''
  const requestHash = sha256(canonicalJson([request.path, request.body]))
  const remember = `
    insert into idempotency_keys (caller, key, request_hash, status, answer) values ($2, $3, $4, $5, $6)
    on conflict do nothing returning 1 as one`
  const parameters = [JSON.stringify(rows), caller, key, requestHash, status, text]
  const [first] = await storeAnswer(database.query(statementOf(inserts, remember), parameters))
  if (first?.fresh === 1) {
    send(status, text)
    return
  }
  const [stored] = storedSchema.parse(
    await storeAnswer(
      database.query('select request_hash, status, answer from idempotency_keys where caller = $1 and key = $2', [
        caller,
        key,
      ]),
    ),
  )
  if (stored.request_hash !== requestHash) throw new ProblemError('idempotency-key-reused', '')
  response.setHeader('Idempotent-Replayed', 'true')
  send(stored.status, stored.answer)
}

/** One statement, so that nothing is written in part and no two calls with one key both write. */
function statementOf(inserts: readonly string[], fresh: string): string {
  const written = inserts.map((insert, place) => `w${place} as (${insert} where exists (select 1 from fresh))`)
  const old = `old as (delete from idempotency_keys where created_at < now() - interval '${keptFor}')`
  return `with fresh as (${fresh}), ${old}, ${written.join(', ')} select (select count(*)::int from fresh) as fresh`
}
