import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { armOf, compilePolicy, defaultPolicyPath, parsePolicy, readPolicy } from '../../models/index.ts'
import { upliftReport } from '../../serving/decisions/uplift-report.ts'
import { scoreResponseSchema } from '../../serving/index.ts'
import { appendDecisions } from '../../serving/store/append-decisions.ts'
import type { Database } from '../../serving/store/database.ts'
import { prepareDecision } from '../../serving/store/decision-rows.ts'
import { StoreDownError } from '../../serving/store/store-client.ts'
import { describeEachDatabase } from './store/each-database.ts'
import { startTestServer, type TestServer } from './test-server.ts'

/** A Wednesday, noon in Shanghai. */
const noon = Date.parse('2026-06-03T04:00:00Z')
const day = 86_400_000
const policy = compilePolicy(readPolicy(defaultPolicyPath()))

/** Borrowers that the hold-out leaves treated. */
const treated = Array.from({ length: 40 }, (_, id) => `b${id}`).filter(id => armOf(policy.file, id) === 'treated')

describeEachDatabase(open => {
  let database: Database
  let server: TestServer
  let now = noon
  let down = false
  beforeAll(async () => {
    database = open()
    server = await startTestServer(undefined, {
      now: () => now,
      database: {
        query: (statement, parameters) =>
          down ? Promise.reject(new StoreDownError('it is down')) : database.query(statement, parameters),
      },
    })
  })
  afterAll(() => server.close())

  /** One account whose second instalment, of 10 March 2024, is unpaid. */
  const requestOf = (borrowerId: string, accountId: string, asOf = '2024-03-31', amountDue = 100) => ({
    asOf,
    borrower: { borrowerId },
    accounts: [
      {
        accountId,
        openedOn: '2024-01-05',
        instalments: [
          { instalmentId: 'i1', dueOn: '2024-02-10', amountDue: 100 },
          { instalmentId: 'i2', dueOn: '2024-03-10', amountDue },
        ],
        payments: [{ paymentId: 'p1', paidOn: '2024-02-10', amount: 100 }],
      },
    ],
  })

  /** Scores, and moves the decision into the database as the drainer does. */
  const decide = async (body: object) => {
    const before = server.decisions.length
    const answer = scoreResponseSchema.parse(await (await server.post('/v1/scores', body)).json())
    const logged = server.decisions.slice(before)
    const bytes = (text: Uint8Array | string) => Buffer.from(text)
    const prepared = logged.map(({ id, caller, route, request, answer: said }) =>
      prepareDecision({
        head: { id, caller, route, decidedAt: new Date(now).toISOString() },
        request: bytes(request),
        answer: bytes(said),
      }),
    )
    await appendDecisions(database, prepared)
    return answer
  }
  const get = async (path: string) => (await fetch(server.url + path)).json() as Promise<unknown>
  const placesSchema = z.looseObject({
    places: z.array(z.looseObject({ accountId: z.string(), waitedDays: z.int(), expectedSaving: z.string() })),
  })

  test('what one decision left is remembered by the next, and an earlier as-of date sees nothing of it', async () => {
    const [borrower] = treated as [string]
    const first = await decide(requestOf(borrower, 'memory'))
    const state = first.accounts[0]?.decision?.state
    const next = await decide(requestOf(borrower, 'memory', '2024-04-01'))
    expect(next.decided?.remembered.previous).toEqual([{ accountId: 'memory', state }])
    expect(next.accounts[0]?.decision?.state.level).toMatchObject({ step: 'red', since: state?.day })
    const same = await decide(requestOf(borrower, 'memory', '2024-03-31'))
    expect(same.decided?.remembered.previous).toEqual([])
    // The one as of 31 March was made last, but the account stands where 1 April left it.
    const rows = await database.query(
      `select as_of::text as as_of, latest from standings s where s.account_id = 'memory' order by s.as_of`,
    )
    expect(rows).toEqual([
      { as_of: '2024-03-31', latest: false },
      { as_of: '2024-04-01', latest: true },
    ])
  })

  test('nobody sees what is remembered of another borrower’s account of the same name', async () => {
    const [mine, other] = treated as [string, string]
    await decide(requestOf(mine, 'namesake'))
    const next = await decide(requestOf(other, 'namesake', '2024-04-01'))
    expect(next.decided?.remembered.previous).toEqual([])
  })

  test('a contact is kept with whether it was permitted, counts for the next, and raises an alert if it was not', async () => {
    const contact = {
      borrowerId: 'called',
      accountId: 'a1',
      channel: 'call',
      purpose: 'care',
      conversation: true,
      result: 'reached',
    }
    const first = await server.post('/v1/contacts', contact)
    expect(first.status).toBe(201)
    expect(await first.json()).toMatchObject({ at: '2026-06-03T04:00:00.000Z', permit: { permitted: true } })
    const permit = { borrowerId: 'called', accountId: 'a1', channel: 'call', purpose: 'care' }
    expect(await (await server.post('/v1/contacts/permit', permit)).json()).toMatchObject({
      permit: { permitted: false, rule: { pack: 'house', id: 'one-a-day' } },
    })
    // 23:00 in Shanghai of the day before: against the window of 9 to 21, but not against one a day.
    const late = await (await server.post('/v1/contacts', { ...contact, at: '2026-06-02T15:00:00Z' })).json()
    expect(late).toMatchObject({ permit: { permitted: false, rule: { pack: 'china-strict', id: 'window' } } })
    expect(await get('/v1/alerts?kind=contact-not-permitted&open=true')).toMatchObject({
      alerts: [{ accountId: 'a1', resolvedAt: null, detail: { borrowerId: 'called', rule: { id: 'window' } } }],
    })
    const scored = await decide({ ...requestOf('called', 'a1'), asOf: '2024-03-31' })
    expect(scored.decided?.remembered.contacts).toEqual([
      { accountId: 'a1', channel: 'call', at: '2026-06-02T15:00:00.000Z', conversation: true },
      { accountId: 'a1', channel: 'call', at: '2026-06-03T04:00:00.000Z', conversation: true },
    ])
  })

  test('contacts of the future, promises due before they are made, and worklists of nobody are refused', async () => {
    const contact = { borrowerId: 'b', accountId: 'a', channel: 'call', purpose: 'care' }
    const promise = { borrowerId: 'b', accountId: 'a', amount: 10, dueOn: '2026-06-10' }
    const refused: [string, object, string][] = [
      ['/v1/contacts', { ...contact, at: '2026-06-03T05:00:00Z' }, '/at'],
      ['/v1/contacts', { ...contact, channel: 'pigeon' }, '/channel'],
      ['/v1/contacts', { ...contact, contacts: [] }, '/contacts'],
      ['/v1/promises', { ...promise, dueOn: '2026-06-02' }, '/dueOn'],
      ['/v1/promises', { ...promise, amount: 0 }, '/amount'],
      ['/v1/promises', { ...promise, madeOn: '2026-06-05' }, '/madeOn'],
    ]
    for (const [path, body, pointer] of refused) {
      expect(await (await server.post(path, body)).json(), path).toMatchObject({ status: 422, errors: [{ pointer }] })
    }
    expect(await get('/v1/worklist?capacity=0')).toMatchObject({ status: 422, errors: [{ pointer: '/capacity' }] })
    expect(await get('/v1/alerts?open=maybe')).toMatchObject({ status: 422, errors: [{ pointer: '/open' }] })
  })

  test('a promise is remembered, and judged by the payments of later requests', async () => {
    const [, , borrower] = treated as [string, string, string]
    now = Date.parse('2024-03-20T04:00:00Z')
    const made = await server.post('/v1/promises', {
      borrowerId: borrower,
      accountId: 'promised',
      amount: 100,
      dueOn: '2024-03-25',
    })
    now = noon
    expect(made.status).toBe(201)
    expect(await made.json()).toMatchObject({ madeOn: '2024-03-20', dueOn: '2024-03-25' })
    const broken = await decide(requestOf(borrower, 'promised'))
    expect(broken.accounts[0]?.decision?.promises).toEqual({ open: 0, kept: 0, broken: 1 })
    const kept = requestOf(borrower, 'promised', '2024-04-02')
    kept.accounts[0]?.payments.push({ paymentId: 'p2', paidOn: '2024-03-24', amount: 100 })
    expect((await decide(kept)).accounts[0]?.decision?.promises).toEqual({ open: 0, kept: 1, broken: 0 })
    const early = await decide(requestOf(borrower, 'promised', '2024-03-15'))
    expect(early.decided?.remembered.promises).toEqual([])
  })

  test('the worklist orders by expected saving, keeps off who was reached today or has promised, and shares for who waits', async () => {
    await database.execute('truncate standings; truncate contacts; truncate promises')
    // 21 days past due and red: a care call for each, whose saving grows with what is owed.
    const amounts = [9000, 7000, 5000, 3000, 1000]
    for (const [place, amount] of amounts.entries()) {
      await decide(requestOf(treated[place]!, `w${place}`, '2024-03-31', amount))
    }
    const list = await get('/v1/worklist?capacity=3')
    // PD within three months is 1 − 0.79³; a care call of the policy that ships saves `effect` of PD × owed × 0.6.
    const { effect, cost, channels } = policy.file.treatments['care-call']
    const saving = (amount: number) => ((1 - 0.79 ** 3) * amount * 0.6 * effect - cost).toFixed(2)
    expect(channels[0]).toBe('call')
    expect(placesSchema.parse(list).places.map(({ accountId, expectedSaving }) => [accountId, expectedSaving])).toEqual(
      [0, 1, 2].map(place => [`w${place}`, saving(amounts[place]!)]),
    )
    expect(list).toMatchObject({
      at: '2026-06-03T04:00:00.000Z',
      notPermitted: 0,
      promised: 0,
      unserved: { cases: 2 },
      promises: { open: 0, kept: 0, broken: 0, keptRate: null },
      places: [{ treatment: 'care-call', because: 'waiting', permit: { permitted: true, channel: 'call' } }, {}, {}],
    })

    await server.post('/v1/contacts', {
      borrowerId: treated[0],
      accountId: 'w0',
      channel: 'call',
      purpose: 'care',
      conversation: true,
    })
    await server.post('/v1/promises', {
      borrowerId: treated[1],
      accountId: 'w1',
      amount: 7000,
      dueOn: '2026-06-20',
    })
    const after = await get('/v1/worklist?capacity=3')
    expect(placesSchema.parse(after).places.map(({ accountId }) => accountId)).toEqual(['w2', 'w3', 'w4'])
    expect(after).toMatchObject({ notPermitted: 1, promised: 1, unserved: { cases: 0, expectedSaving: '0.00' } })
    // After the conversation the wait begins anew; a promise that is past due leaves nobody alone.
    const later = await get(`/v1/worklist?capacity=9&at=${new Date(noon + 30 * day).toISOString()}`)
    const waited = new Map(placesSchema.parse(later).places.map(one => [one.accountId, one.waitedDays]))
    expect(waited.get('w0')).toBe(30)
    expect(waited.get('w1')).toBeGreaterThan(700) // since 31 March 2024
  })

  test('a rise of the warning level raises an alert; back in blue it is resolved', async () => {
    const borrower = treated[5]!
    const alerts = async () =>
      z
        .object({ alerts: z.array(z.looseObject({ accountId: z.string(), resolvedAt: z.string().nullable() })) })
        .parse(await get('/v1/alerts?kind=warning&limit=1000'))
        .alerts.filter(({ accountId }) => accountId === 'alerted')
    await decide(requestOf(borrower, 'alerted'))
    await decide(requestOf(borrower, 'alerted', '2024-04-01'))
    expect(await alerts()).toMatchObject([{ resolvedAt: null, detail: { level: 'red', before: null } }])
    const paid = requestOf(borrower, 'alerted', '2024-04-30')
    paid.accounts[0]?.payments.push({ paymentId: 'p2', paidOn: '2024-04-02', amount: 100 })
    expect((await decide(paid)).accounts[0]?.decision?.warningLevel).toBe('blue')
    expect(await alerts()).toMatchObject([{ resolvedAt: expect.any(String) as string }])
  })

  test('outcomes are shown beside the decision, the last of each month, and those of other decisions are not', async () => {
    const [, , , borrower] = treated as [string, string, string, string]
    const { decisionId } = await decide(requestOf(borrower, 'outcome'))
    const other = '00000000-0000-4000-8000-000000000000'
    const send = (outcomes: object[]) => server.post('/v1/outcomes', { outcomes })
    const month = (text: string, more: object) => ({ accountId: 'outcome', month: text, ...more })
    expect(
      await (
        await send([
          month('2024-03', { maxDaysPastDue: 21 }), // the scored month itself is no outcome
          month('2024-04', { maxDaysPastDue: 51, event: true }),
          month('2024-05', { event: false, decisionId: other }),
        ])
      ).json(),
    ).toEqual({ recorded: 3 })
    await send([month('2024-04', { maxDaysPastDue: 20, event: false }), month('2024-06', { censored: 'paid-off' })])
    expect(await get(`/v1/decisions/${decisionId}`)).toMatchObject({
      decisionId,
      outcomes: [
        { accountId: 'outcome', month: '2024-04', maxDaysPastDue: 20, event: false, censored: null },
        { accountId: 'outcome', month: '2024-06', maxDaysPastDue: null, event: null, censored: 'paid-off' },
      ],
    })
    const wrong = await send([month('2026-07', { event: true }), month('2024-04', {}), month('2024-04', {})])
    expect(await wrong.json()).toMatchObject({
      status: 422,
      errors: [
        { pointer: '/outcomes/0/month' },
        { pointer: '/outcomes/1' },
        { pointer: '/outcomes/2', detail: 'expected each account and month once' },
        { pointer: '/outcomes/2' },
      ],
    })
  })

  test('uplift compares the arms, an account counting once, by what is known through the horizon', async () => {
    await database.execute('truncate standings; truncate outcomes')
    const [held] = Array.from({ length: 400 }, (_, id) => `h${id}`).filter(id => armOf(policy.file, id) === 'hold-out')
    const withheld = policy.file.holdOut.treatments
    expect(withheld).toContain('care-call')
    await decide(requestOf(held!, 'real', '2024-03-31'))
    const [real] = await database.query(`select treatment, arm, withheld from standings where account_id = 'real'`)
    expect(real).toEqual({ treatment: 'none', arm: 'hold-out', withheld: 'care-call' })
    // 40 treated, of whom 8 have the event in the horizon; 20 held out, of whom 9: 0.45 − 0.20 = 0.25.
    await database.execute(`
      insert into standings select 'b' || n, 'u' || n, '2024-03-31', true, n, gen_random_uuid(), 0.5, 'red',
        case when n <= 40 then 'care-call' else 'none' end, case when n <= 40 then 'treated' else 'hold-out' end,
        case when n <= 40 then null else 'care-call' end, '2024-03-31', 21, 100, '{}', '{}', '[]', '{}'
      from generate_series(1, 62) as n;
      insert into standings select borrower_id, account_id, '2024-04-30', true, seq + 100, decision_id, pd, warning_level,
        treatment, arm, withheld, waiting_since, days_past_due, exposure, state, contact, stops, promises
      from standings where account_id like 'u%';
      insert into outcomes (account_id, month, event)
      select 'u' || n, m, m = '2024-05' and (n <= 8 or n between 41 and 49)
      from generate_series(1, 60) as n, (values ('2024-04'), ('2024-05'), ('2024-06')) as months (m);
      insert into outcomes (account_id, month, event) values ('u40', '2024-07', true), ('u39', '2024-03', true);
      insert into outcomes (account_id, month, censored) values ('u61', '2024-05', 'closed')`)
    const asked = {
      treatments: ['care-call', 'reminder'],
      from: '2024-03-01',
      to: '2024-12-31',
      horizonMonths: 3,
    } as const
    const report = await upliftReport(database, asked)
    expect(report).toMatchObject([
      {
        treatment: 'care-call',
        unknown: 3, // the one decided about above, u61 that was closed, and u62 of which nothing is known
        uplift: { treated: { accounts: 40, events: 8 }, holdOut: { accounts: 20, events: 9 }, told: true },
      },
    ])
    expect(report[0]?.uplift.difference).toBeCloseTo(0.25, 12)
    // Wilson's intervals of 9/20 and 8/40 (0.2582–0.6579, 0.1050–0.3476) by Newcombe's method 10
    expect(report[0]?.uplift.interval?.[0]).toBeCloseTo(0.25 - Math.hypot(0.45 - 0.2582, 0.3476 - 0.2), 3)
    expect(report[0]?.uplift.interval?.[1]).toBeCloseTo(0.25 + Math.hypot(0.6579 - 0.45, 0.2 - 0.105), 3)
  })

  test('a call sent again with its key is done once, even at the same time; another body is refused', async () => {
    const outcome = { outcomes: [{ accountId: 'once', month: '2024-04', event: true }] }
    const headers = { 'idempotency-key': 'key-1' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.post('/v1/outcomes', outcome, headers)))
    for (const answer of answers) {
      expect(answer.status).toBe(201)
      expect(await answer.json()).toEqual({ recorded: 1 })
    }
    expect(answers.filter(answer => answer.headers.get('idempotent-replayed') === 'true')).toHaveLength(7)
    const count = async () => database.query(`select count(*)::int as n from outcomes o where o.account_id = 'once'`)
    expect(await count()).toEqual([{ n: 1 }])
    const promise = { borrowerId: 'b', accountId: 'a', amount: 10, dueOn: '2026-06-10' }
    const reused = await server.post('/v1/promises', promise, headers)
    expect(await reused.json()).toMatchObject({ status: 422, type: '/problems/idempotency-key-reused' })
    const [one, again] = [
      await server.post('/v1/promises', promise, { 'idempotency-key': 'key-2' }),
      await server.post('/v1/promises', promise, { 'idempotency-key': 'key-2' }),
    ]
    expect(await again.text()).toBe(await one.text()) // the same promiseId
    await server.post('/v1/outcomes', outcome)
    expect(await count()).toEqual([{ n: 2 }])
    const bad = await server.post('/v1/outcomes', outcome, { 'idempotency-key': 'two words' })
    expect(bad.status).toBe(422)
  })

  test('while the database is down scores are given from nothing remembered, and what must be kept is refused', async () => {
    down = true
    const answer = scoreResponseSchema.parse(await (await server.post('/v1/scores', requestOf('b', 'a'))).json())
    const contact = { borrowerId: 'b', accountId: 'a', channel: 'call', purpose: 'care' }
    const promise = { borrowerId: 'b', accountId: 'a', amount: 10, dueOn: '2026-06-10' }
    const answers = await Promise.all([
      server.post('/v1/contacts', contact),
      server.post('/v1/promises', promise),
      server.post('/v1/outcomes', { outcomes: [{ accountId: 'a', month: '2024-04', event: true }] }),
      fetch(`${server.url}/v1/worklist`),
      fetch(`${server.url}/v1/alerts`),
    ])
    down = false
    expect(answer.decided?.remembered.complete).toBe(false)
    expect(answer.accounts[0]?.decision?.permit).toMatchObject({ permitted: false, rule: { id: 'no-ledger' } })
    for (const { status } of answers) expect(status).toBe(503)
  })

  test('with a budget, nobody below the last account that there are people for is newly warned', async () => {
    await database.execute('truncate standings')
    const small = { ...policy.file.warning, budget: { warnings: 1, from: 'yellow' } }
    const tight = compilePolicy(parsePolicy(JSON.stringify({ ...policy.file, warning: small }), 'tight'))
    const budgeted = await startTestServer(undefined, { now: () => noon, database, policy: tight })
    const ask = async () =>
      scoreResponseSchema.parse(await (await budgeted.post('/v1/scores', requestOf('b', 'budget'))).json())
    expect((await ask()).decided?.remembered.budgetCutoff).toBeNull() // an empty book limits nobody
    await budgeted.close()
    for (const place of [0, 1]) await decide(requestOf(treated[place]!, `budget${place}`))
    await database.execute(`update standings set pd = 0.9 where account_id = 'budget0'`)
    const later = await startTestServer(undefined, { now: () => noon, database, policy: tight })
    const answer = scoreResponseSchema.parse(await (await later.post('/v1/scores', requestOf('b', 'budget'))).json())
    await later.close()
    expect(answer.decided?.remembered.budgetCutoff).toBe(0.9)
    expect(answer.accounts[0]?.decision?.warningLevel).toBe('blue') // 0.507, but there are people for one only
  })
})
