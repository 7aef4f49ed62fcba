import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { appendDecisions } from '../../../serving/store/append-decisions.ts'
import type { Database } from '../../../serving/store/database.ts'
import { decisionColumns, prepareDecision, readDecision } from '../../../serving/store/decision-rows.ts'
import { createDrainer } from '../../../serving/store/drain.ts'
import { openJournal } from '../../../serving/store/journal.ts'
import { encodeRecord } from '../../../serving/store/journal-format.ts'
import { migrate } from '../../../serving/store/migrations.ts'
import { verifyChain } from '../../../serving/store/verify-chain.ts'
import { describeEachDatabase } from './each-database.ts'
import { decisionId, exampleRecord } from './example-record.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-store-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describeEachDatabase(open => {
  let database: Database
  beforeAll(() => {
    database = open()
  })

  /** Changes what may not be changed, as somebody could who owns the database. */
  const tamper = async (statements: string): Promise<void> => {
    const tables = ['decisions', 'decision_accounts']
    const set = (how: string): string => tables.map(table => `alter table ${table} ${how} trigger all;`).join('')
    await database.execute(`${set('disable')} ${statements}; ${set('enable')}`)
  }
  const append = async (...numbers: number[]) =>
    appendDecisions(
      database,
      numbers.map(number => prepareDecision(exampleRecord(number))),
    )

  beforeEach(() => tamper('truncate decisions; truncate decision_accounts'))

  test('migrating again changes nothing', async () => {
    await append(1)
    await migrate(database)
    expect(await database.query('select count(*)::int as n from decisions')).toEqual([{ n: 1 }])
  })

  test('a decision comes back as it went in', async () => {
    const head = await append(7)
    const [row] = await database.query(`select ${decisionColumns} from decisions d`)
    const stored = readDecision(row!)
    expect(stored).toMatchObject({ seq: 1, previousHash: '0'.repeat(64), hash: head.hash })
    expect(stored.decision).toEqual(prepareDecision(exampleRecord(7)).decision)
    expect(stored.decision.accounts[0]?.pd).toEqual([0.1, 1 / 3])
    const payload = await stored.payload()
    expect(payload.request).toEqual(exampleRecord(7).request)
    expect(payload.answer).toEqual(exampleRecord(7).answer)
  })

  test('a row’s hash is SHA-256 over the hash before it, a newline, and the decision with its keys in order', async () => {
    await append(1)
    const { hash } = await append(2)
    const sha = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')
    const text = (number: number): string => {
      const { request, answer } = exampleRecord(number)
      return `{"accounts":[{"accountId":"account-${number}","pd":[0.1,0.3333333333333333],"population":"scored"},{"accountId":"late-${number}","pd":null,"population":"overdue"}],"answerHash":"${sha(answer)}","asOf":"2024-03-31","borrowerId":"borrower-${number}","caller":"key-1","decidedAt":"2024-04-01T08:00:00.123Z","featureHash":"${'f'.repeat(16)}","id":"${decisionId(number)}","labelHash":"${'l'.repeat(16)}","manifestHash":"${'m'.repeat(64)}","model":{"name":"small","version":3},"policyHash":null,"requestHash":"${sha(request)}","requestId":"request-${number}","route":"/v1/scores","scoredMonth":"2024-03"}`
    }
    const first = sha(`${'0'.repeat(64)}\n${text(1)}`)
    expect(hash).toBe(sha(`${first}\n${text(2)}`))
  })

  test('a decision is appended once, however often it comes', async () => {
    await append(1, 2, 2)
    await append(2, 3, 1)
    const rows = await database.query('select seq::int as seq, id::text as id from decisions d order by d.seq')
    expect(rows).toEqual([1, 2, 3].map(number => ({ seq: number, id: decisionId(number) })))
  })

  test('several who append at the same time make one chain', async () => {
    await Promise.all([append(1, 2), append(3, 4), append(5, 6), append(2, 7)])
    expect(await verifyChain(database)).toMatchObject({ rows: 7, head: { seq: 7 }, findings: [] })
  })

  test('a clock that steps back breaks no chain', async () => {
    const times = ['2024-04-01T08:00:02.000Z', '2024-04-01T07:00:00.000Z', '2024-03-01T00:00:00.000Z']
    const back = times.map((at, number) => prepareDecision(exampleRecord(number, at)))
    await appendDecisions(database, back)
    expect(await verifyChain(database)).toMatchObject({ rows: 3, findings: [] })
  })

  test('the database refuses to change or delete a decision', async () => {
    await append(1)
    for (const statement of [
      'update decisions set caller = null',
      'delete from decisions',
      'truncate decisions',
      'update decision_accounts set pd = null',
      'delete from decision_accounts',
    ]) {
      await expect(database.execute(statement), statement).rejects.toThrow('append-only')
    }
  })

  test.each([
    ['its caller', `update decisions set caller = 'nobody' where seq = 3`],
    ['its time', `update decisions set decided_at = decided_at + interval '1 millisecond' where seq = 3`],
    ['a probability', 'update decision_accounts set pd[1] = 0.05 where seq = 3 and place = 0'],
    ['an account', `update decision_accounts set account_id = 'other' where seq = 3 and place = 1`],
    ['an account taken out', 'delete from decision_accounts where seq = 3 and place = 1'],
    ['its payload', 'update decisions set payload = (select payload from decisions where seq = 2) where seq = 3'],
    ['a payload that is no payload', `update decisions set payload = '\\x00ff' where seq = 3`],
    ['its hash', `update decisions set hash = repeat('a', 64) where seq = 3`],
  ])('an altered row is found: %s', async (_, statement) => {
    await append(1, 2, 3, 4, 5)
    await tamper(statement)
    const { findings } = await verifyChain(database)
    expect(findings[0]).toMatchObject({ kind: 'altered', seq: 3, id: decisionId(3) })
  })

  test('a missing row is found, and whether its number was closed up makes no difference', async () => {
    await append(1, 2, 3, 4, 5)
    await tamper('delete from decisions where seq = 3; delete from decision_accounts where seq = 3')
    expect((await verifyChain(database)).findings).toMatchObject([{ kind: 'missing', seq: 3, id: null }])
    await tamper(
      'update decisions set seq = seq - 1 where seq > 3; update decision_accounts set seq = seq - 1 where seq > 3',
    )
    expect((await verifyChain(database)).findings).toMatchObject([{ kind: 'missing', seq: 3, id: decisionId(4) }])
  })

  test('reordered rows are found', async () => {
    await append(1, 2, 3, 4, 5)
    const move = (from: number, to: number): string =>
      ['decisions', 'decision_accounts'].map(table => `update ${table} set seq = ${to} where seq = ${from}`).join(';')
    await tamper(`${move(2, 99)}; ${move(3, 2)}; ${move(99, 3)}`)
    const { findings } = await verifyChain(database)
    expect(findings.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['reordered', 2],
      ['reordered', 3],
      ['reordered', 4],
    ])
  })

  test('rows taken off the end are found by an end noted earlier', async () => {
    const early = await append(1, 2)
    const late = await append(3)
    expect((await verifyChain(database, early)).findings).toEqual([])
    await tamper('delete from decisions where seq = 3; delete from decision_accounts where seq = 3')
    expect((await verifyChain(database)).findings).toEqual([])
    expect((await verifyChain(database, late)).findings).toMatchObject([{ kind: 'missing', seq: 3 }])
    await append(4)
    expect((await verifyChain(database, late)).findings).toMatchObject([{ kind: 'altered', seq: 3 }])
  })

  test('journals are drained in order, each record once, and sealed ones are deleted', async () => {
    const folder = mkdtempSync(join(root, 'journal-'))
    const faults: string[] = []
    const drainer = createDrainer(database, folder, (_, says) => faults.push(says))
    const journal = openJournal({ folder, waitFor: 'system', fileBytes: 5000 })
    const total = 40
    for (let number = 0; number < total; number += 1) await journal.append(exampleRecord(number))
    expect((await drainer.drain()).records).toBe(total)
    expect((await drainer.drain()).records).toBe(0)
    expect(readdirSync(folder)).toHaveLength(1) // the one that is being written
    await journal.append(exampleRecord(total))
    await journal.close()
    // After a crash another drainer reads again what it finds.
    expect((await createDrainer(database, folder, () => {}).drain()).records).toBeGreaterThan(0)
    expect(readdirSync(folder)).toEqual([])
    const rows = await database.query('select id::text as id from decisions order by seq')
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: total + 1 }, (_, number) => decisionId(number)))
    expect(faults).toEqual([])
    expect((await verifyChain(database)).findings).toEqual([])
  })

  test('a decision that the database can’t hold is told of and kept, and those beside it are moved', async () => {
    const folder = mkdtempSync(join(root, 'journal-'))
    const faults: string[] = []
    const journal = openJournal({ folder, waitFor: 'system' })
    const poisoned = exampleRecord(2)
    const answer = Buffer.from(Buffer.from(poisoned.answer).toString().replace('borrower-2', 'borrower\\u0000'))
    await Promise.all([exampleRecord(1), { ...poisoned, answer }, exampleRecord(3)].map(one => journal.append(one)))
    await journal.close()
    await createDrainer(database, folder, (_, says) => faults.push(says)).drain()
    const rows = await database.query('select id::text as id from decisions order by seq')
    expect(rows.map(({ id }) => id)).toEqual([decisionId(1), decisionId(3)])
    expect(faults[0]).toContain(decisionId(2))
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.damaged$/)])
    expect((await verifyChain(database)).findings).toEqual([])
  })

  test('a record that a crash cut off is left out; damage is told of and kept', async () => {
    const folder = mkdtempSync(join(root, 'journal-'))
    const whole = Buffer.concat(encodeRecord(exampleRecord(1)))
    const next = Buffer.concat(encodeRecord(exampleRecord(2)))
    const faults: string[] = []
    // Process ids of no process: the system's largest is below.
    writeFileSync(join(folder, '99999999.1.aa-000001.journal'), Buffer.concat([whole, next.subarray(0, -5)]))
    writeFileSync(
      join(folder, '99999999.1.bb-000001.journal'),
      Buffer.concat([next, Buffer.from('what is this?'.repeat(9)), whole]),
    )
    await createDrainer(database, folder, (file, says) => faults.push(`${file}: ${says}`)).drain()
    const rows = await database.query('select id::text as id from decisions order by seq')
    expect(rows.map(({ id }) => id)).toEqual([decisionId(1), decisionId(2)])
    expect(readdirSync(folder)).toEqual(['99999999.1.bb-000001.journal.damaged'])
    expect(faults).toHaveLength(1)
  })
})
