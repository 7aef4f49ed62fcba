import { afterAll, beforeAll, expect, test } from 'vitest'
import { classifyResponseSchema, whatIfResponseSchema } from '../../serving/index.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

/** A loan of three instalments of 100, the second unpaid. */
const account = {
  accountId: 'A1',
  openedOn: '2024-01-10',
  creditLimit: 290,
  instalments: ['2024-02-10', '2024-03-10', '2024-04-10'].map((dueOn, place) => ({
    instalmentId: `i${place + 1}`,
    dueOn,
    amountDue: 100,
    issuedOn: '2024-01-10',
  })),
  payments: [{ paymentId: 'p1', paidOn: '2024-02-10', amount: 100 }] as object[],
}
const classify = (body: object) =>
  server.post('/v1/accounts/classify', { asOf: '2024-04-30', accounts: [account], ...body })

async function status(body: object) {
  const response = await classify(body)
  expect(response.status).toBe(200)
  const [answer] = classifyResponseSchema.parse(await response.json()).accounts
  return answer?.status ?? null
}

test('an account is classified by every pack in force for its kind of product', async () => {
  const one = await status({ currency: 'EUR' })
  expect(one).toMatchObject({
    kind: 'loan',
    daysPastDue: 51,
    arrears: 200,
    exposure: 200,
    technical: false,
    paused: false,
  })
  expect(Object.fromEntries((one?.clocks ?? []).map(({ pack, class: id }) => [pack, id]))).toEqual({
    'm-buckets': 'M2',
    'cn-five-tier-loans': 'special-mention',
    'ifrs9-stages': 'stage-2',
    'us-ffiec-closed-end': 'pass',
    'eu-default': 'not-in-default',
  })
  expect(one?.clocks[0]).not.toHaveProperty('periods')
  const line = await status({ accounts: [{ ...account, kind: 'line' }] })
  expect(line?.clocks.map(({ pack }) => pack)).toContain('cn-five-tier-cards')
})

test('periods, pauses, outages, contacts and later knowledge are heard', async () => {
  const periods = await status({ periods: true })
  expect(periods?.clocks.find(({ pack }) => pack === 'm-buckets')?.periods).toEqual([
    { from: '2024-02-10', to: '2024-03-10', class: 'M0', reason: 'days-past-due' },
    { from: '2024-03-11', to: '2024-04-09', class: 'M1', reason: 'days-past-due' },
    { from: '2024-04-10', to: '2024-04-30', class: 'M2', reason: 'days-past-due' },
  ])
  const paused = await status({ accounts: [{ ...account, pauses: [{ from: '2024-04-01' }] }] })
  expect(paused).toMatchObject({ paused: true, pausedDays: 30 })
  const failed = {
    paymentId: 'p2',
    paidOn: '2024-03-10',
    amount: 100,
    outcome: 'failed',
    bank: 'X',
    channel: 'auto-debit',
  }
  const technical = { ...account, payments: [...account.payments, failed] }
  expect(await status({ accounts: [technical], outages: [{ bank: 'X', day: '2024-03-10' }] })).toMatchObject({
    technical: true,
  })
  const back = { paymentId: 'p3', paidOn: '2024-04-20', recordedOn: '2024-05-05', amount: 200 }
  const later = { ...account, payments: [...account.payments, back] }
  expect((await classify({ accounts: [later] })).status).toBe(422)
  expect(await status({ accounts: [later], knownOn: '2024-05-05' })).toMatchObject({ daysPastDue: 0 })
  const contacted = { ...later, contactedOn: ['2024-04-01'] }
  expect((await status({ accounts: [contacted], knownOn: '2024-05-05' }))?.smallButFrequent).toMatchObject({
    episodes: 1,
    selfCureShare: 0,
    medianAmount: 200,
  })
})

test('account-months are classified at the last month’s end, and nothing known is null', async () => {
  const months = [
    { month: '2024-03', daysPastDue: 70, instalmentsLeft: 3, balance: 500 },
    { month: '2024-04', daysPastDue: 100, instalmentsLeft: 2, balance: 500 },
  ]
  const one = await status({ asOf: '2024-05-10', accounts: [{ accountId: 'A', months }] })
  expect(one).toMatchObject({ asOf: '2024-04-30', kind: 'loan', daysPastDue: 100, arrears: null, exposure: 500 })
  expect(one?.clocks.find(({ pack }) => pack === 'cn-five-tier-loans')).toMatchObject({
    class: 'substandard',
    nonPerforming: true,
  })
  expect(await status({ accounts: [{ accountId: 'A', months: [] }] })).toBe(null)
  expect(await status({ accounts: [{ accountId: 'A', instalments: [], payments: [] }] })).toBe(null)
})

test.each([
  [{ knownOn: '2024-04-01' }, '/knownOn'],
  [{ currency: 'euro' }, '/currency'],
  [{ accounts: [] }, '/accounts'],
  [{ accounts: [{ ...account, pauses: [{ from: '2024-04-01', to: '2024-03-01' }] }] }, '/accounts/0/pauses/0/to'],
  [{ accounts: [{ accountId: 'A', months: [], pauses: [] }] }, '/accounts/0/pauses'],
  [{ accounts: [{ ...account, kind: 'card' }] }, '/accounts/0/kind'],
  [{ outages: [{ day: '2024-03-10', fromHour: 9 }] }, '/outages/0'],
  [{ outages: [{ day: '2024-03-10', fromHour: 9, toHour: 8 }] }, '/outages/0/toHour'],
  [{ until: 'now' }, '/until'],
])('a body that is not as expected is refused with a pointer (%#)', async (body, pointer) => {
  const response = await classify(body)
  expect(response.status).toBe(422)
  const problem = (await response.json()) as { type: string; errors: { pointer: string }[] }
  expect(problem.type).toBe('/problems/invalid-request')
  expect(problem.errors.map(error => error.pointer)).toContain(pointer)
})

const whatIf = (body: object) =>
  server.post('/v1/plans/what-if', {
    asOf: '2024-03-31',
    currency: 'EUR',
    borrower: { borrowerId: 'B1' },
    accounts: [account, { accountId: 'other', openedOn: '2024-01-01', instalments: [], payments: [] }],
    accountId: 'A1',
    search: { affordability: 50 },
    ...body,
  })

test('plans are searched and re-scored through the server’s own scoring path', async () => {
  const decisions = server.decisions.length
  const response = await whatIf({})
  expect(response.status).toBe(200)
  const answer = whatIfResponseSchema.parse(await response.json())
  // the model says PD(h) = 1 − (1 − days past due / 100)^h: 21 days on 31 March, none with a plan
  expect(answer.pd?.map(({ probability }) => probability)).toEqual(
    [0.21, 1 - 0.79 ** 2, 1 - 0.79 ** 3].map(one => expect.closeTo(one, 12)),
  )
  expect(answer.plans.length).toBeGreaterThan(1)
  for (const { pd, payment, instalments } of answer.plans) {
    expect(pd?.[0]).toEqual({ months: 1, probability: 0 })
    expect(payment).toBeLessThanOrEqual(50)
    expect(instalments.at(-1)?.balance).toBe(0)
  }
  expect(answer.rescoring.kind).toBe('associational')
  expect(answer.model).toEqual({ name: 'formula', version: 1 })
  expect(server.decisions.length).toBe(decisions) // a what-if is no decision
})

test('without re-scoring the model isn’t asked', async () => {
  const calls = server.model.calls.length
  const answer = whatIfResponseSchema.parse(await (await whatIf({ rescore: false })).json())
  expect(answer).toMatchObject({ pd: null, model: null })
  expect(server.model.calls.length).toBe(calls)
})

test.each([
  [{ accountId: 'none' }, '/accountId', 'one of accounts'],
  [{ search: {} }, '/search/affordability', 'expected'],
  [{ search: { affordability: -5 } }, '/search/affordability', 'expected'],
  [{ accountId: 'other' }, '/accounts/1', 'something to make a plan for'],
  [{ accounts: [{ ...account, creditLimit: null }] }, '/nominalRate', 'nominal yearly rate'],
  [{ accounts: [{ accountId: 'A1', months: [] }] }, '/accounts/0', 'a plan needs the ledger'],
  [
    { accounts: [{ ...account, payments: [{ paymentId: 'p', paidOn: '2024-05-01', amount: 1 }] }] },
    '/accounts/0/payments/0/paidOn',
    'asOf',
  ],
])('a plan that can’t be made is refused with a pointer and the reason (%#)', async (body, pointer, detail) => {
  const response = await whatIf(body)
  expect(response.status).toBe(422)
  const problem = (await response.json()) as { errors: { pointer: string; detail: string }[] }
  expect(problem.errors.find(error => error.pointer === pointer)?.detail).toContain(detail)
  expect(JSON.stringify(problem)).not.toMatch(/at .*\.ts/)
})

test('only JSON is taken', async () => {
  for (const path of ['/v1/accounts/classify', '/v1/plans/what-if']) {
    expect((await server.post(path, '{}', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await fetch(server.url + path)).status).toBe(405)
  }
})
