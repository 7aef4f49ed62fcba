/** API keys in the store: made, listed, revoked, and read by the processes that let callers in. */

import { z } from 'zod'
import { InputError } from '../../data/index.ts'
import type { Queryable } from '../store/database.ts'
import { instantText } from '../store/instant-sql.ts'
import { apiKeyText, hashSecret, makeApiKey } from './api-key.ts'
import { type Scope, scopesAmong } from './scopes.ts'

/** A key as it may be shown. */
export interface KeyDescription {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  /** ISO 8601 in UTC. */
  readonly createdAt: string
  /** Null: never. */
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

/** A key that was just made: its text is shown now and never again. */
export interface NewKey extends KeyDescription {
  readonly key: string
}

/** A key as callers are let in by it. */
export interface KnownKey {
  readonly id: string
  /** SHA-256 of its secret. */
  readonly hash: Uint8Array
  readonly scopes: ReadonlySet<Scope>
  /** Milliseconds since 1970-01-01T00:00Z; null: never. */
  readonly expiresAt: number | null
  readonly revoked: boolean
}

const instant = (column: string): string => `${instantText(column)} as ${column}`

const description = `id, name, scopes, ${['created_at', 'expires_at', 'revoked_at'].map(instant).join(', ')}`

const descriptionRow = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
  })
  .transform(
    ({ created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt, ...rest }): KeyDescription => ({
      ...rest,
      createdAt,
      expiresAt,
      revokedAt,
    }),
  )

/**
 * Makes a key.
 *
 * @param expiresAt - ISO 8601; null: never.
 */
export async function createKey(
  database: Queryable,
  { name, scopes, expiresAt }: { name: string; scopes: readonly Scope[]; expiresAt: string | null },
): Promise<NewKey> {
  const key = makeApiKey()
  const [row] = await database.query(
    `insert into api_keys (id, name, hash, scopes, expires_at) values ($1, $2, $3, $4::text[], $5::timestamptz)
     returning ${description}`,
    [key.id, name, hashSecret(key.secret).toString('hex'), scopes, expiresAt],
  )
  return { ...descriptionRow.parse(row), key: apiKeyText(key) }
}

/** All keys that were ever made, oldest first. */
export async function listKeys(database: Queryable): Promise<KeyDescription[]> {
  const rows = await database.query(`select ${description} from api_keys k order by k.created_at, k.id`)
  return z.array(descriptionRow).parse(rows)
}

/**
 * Revokes a key; one that is revoked already stays revoked since then.
 *
 * @throws InputError if there is no such key.
 */
export async function revokeKey(database: Queryable, id: string): Promise<KeyDescription> {
  const [row] = await database.query(
    `update api_keys set revoked_at = coalesce(revoked_at, now()) where id = $1 returning ${description}`,
    [id],
  )
  if (row === undefined) {
    throw new InputError({ source: 'key', found: id, expected: 'the id of a key, as `keys list` shows it' })
  }
  return descriptionRow.parse(row)
}

const knownRow = z
  .object({
    id: z.string(),
    hash: z.string(), // one that is damaged matches no secret, and harms no other key
    scopes: z.array(z.string()),
    expires: z.number().nullable(),
    revoked: z.boolean(),
  })
  .transform(
    ({ hash, scopes, expires: expiresAt, ...rest }): KnownKey => ({
      ...rest,
      hash: Buffer.from(hash, 'hex'),
      scopes: scopesAmong(scopes),
      expiresAt,
    }),
  )

/** All keys, to let callers in by. */
export async function readKeys(database: Queryable): Promise<KnownKey[]> {
  const rows = await database.query(
    `select id, hash, scopes, (extract(epoch from expires_at) * 1000)::float8 as expires,
       revoked_at is not null as revoked
     from api_keys`,
  )
  return z.array(knownRow).parse(rows)
}
