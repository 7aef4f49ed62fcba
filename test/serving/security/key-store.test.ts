import { createHash } from 'node:crypto'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { isSecret } from '../../../serving/security/api-key.ts'
import { createKey, listKeys, readKeys, revokeKey } from '../../../serving/security/key-store.ts'
import type { Database } from '../../../serving/store/database.ts'
import { describeEachDatabase } from '../store/each-database.ts'

describeEachDatabase(open => {
  let database: Database
  beforeAll(() => {
    database = open()
  })
  beforeEach(() => database.execute('truncate api_keys'))

  test('a key is kept as the hash of its secret, and read as callers need it', async () => {
    const expiresAt = '2031-02-03T04:05:06.789Z'
    const made = await createKey(database, { name: 'Bank’s "own"; --', scopes: ['score', 'admin'], expiresAt })
    const [, id, secret] = made.key.split('_') as [string, string, string]
    const [row] = await database.query('select id, name, hash, scopes from api_keys')
    expect(row).toEqual({
      id,
      name: 'Bank’s "own"; --',
      hash: createHash('sha256').update(secret).digest('hex'),
      scopes: ['score', 'admin'],
    })
    expect(await readKeys(database)).toEqual([
      {
        id,
        hash: createHash('sha256').update(secret).digest(),
        scopes: new Set(['score', 'admin']),
        expiresAt: Date.parse(expiresAt),
        revoked: false,
      },
    ])
    expect(await listKeys(database)).toMatchObject([{ id, expiresAt, revokedAt: null }])
    expect(JSON.stringify(await listKeys(database))).not.toContain(secret)
  })

  test('a key that never expires says so; scopes of another version count for nothing', async () => {
    await createKey(database, { name: 'x', scopes: ['metrics'], expiresAt: null })
    await database.execute(`update api_keys set scopes = '{metrics,everything}'`)
    const [key] = await readKeys(database)
    expect([key?.expiresAt, key?.scopes]).toEqual([null, new Set(['metrics'])])
  })

  test('revoking a key is told by when it first was, and of no other key', async () => {
    const [one, other] = [
      await createKey(database, { name: 'one', scopes: ['score'], expiresAt: null }),
      await createKey(database, { name: 'other', scopes: ['score'], expiresAt: null }),
    ]
    const { revokedAt } = await revokeKey(database, one.id)
    expect(Math.abs(Date.parse(revokedAt ?? '') - Date.now())).toBeLessThan(60_000)
    expect((await revokeKey(database, one.id)).revokedAt).toBe(revokedAt)
    const revoked = new Map((await readKeys(database)).map(key => [key.id, key.revoked]))
    expect([revoked.get(one.id), revoked.get(other.id)]).toEqual([true, false])
    for (const id of ['', '%', "' or true --", one.key]) {
      await expect(revokeKey(database, id), id).rejects.toThrow(InputError)
    }
  })

  test.each(['', 'zz', 'abc', 'ff'.repeat(31)])(
    'a damaged hash (%j) lets nobody in, and harms no other',
    async hash => {
      const { key } = await createKey(database, { name: 'x', scopes: ['score'], expiresAt: null })
      await database.query(`insert into api_keys (id, name, hash, scopes) values ('damaged', 'x', $1, '{score}')`, [
        hash,
      ])
      const keys = await readKeys(database)
      const matching = (secret: string): string[] => keys.filter(one => isSecret(secret, one.hash)).map(({ id }) => id)
      const [, id, secret] = key.split('_') as [string, string, string]
      expect(matching(secret)).toEqual([id])
      expect(matching('')).toEqual([])
    },
  )
})
