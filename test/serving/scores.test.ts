import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { packageFolder } from '../../models/index.ts'
import { problemSchema, type ScoreRequest, scoreRequestSchema, scoreResponseSchema } from '../../serving/index.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const batchSchema = z.object({
  results: z.array(z.object({ score: scoreResponseSchema.optional(), problem: problemSchema.optional() })),
})

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

/** One account, its instalment of 10 March 2024 unpaid: 21 days past due on 31 March. */
const good = {
  asOf: '2024-03-31',
  borrower: { borrowerId: 'secret-borrower' },
  accounts: [
    {
      accountId: 'secret-account',
      openedOn: '2024-01-05',
      instalments: [
        { instalmentId: 'i1', dueOn: '2024-02-10', amountDue: 100 },
        { instalmentId: 'i2', dueOn: '2024-03-10', amountDue: 100 },
      ],
      payments: [{ paymentId: 'p1', paidOn: '2024-02-10', amount: 100 }],
    },
  ],
}
type Good = typeof good
const account = good.accounts[0]!
const withAccount = (more: object): Good => ({ ...good, accounts: [{ ...account, ...more }] }) as Good

test('a borrower is scored at the last month that had ended, by what was known then', async () => {
  const response = await server.post('/v1/scores', good)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    model: { name: 'formula', version: 1 },
    asOf: '2024-03-31',
    scoredMonth: '2024-03',
    borrowerId: 'secret-borrower',
    accounts: [
      {
        accountId: 'secret-account',
        population: 'scored',
        pd: [
          { months: 1, probability: expect.closeTo(0.21, 12) },
          { months: 2, probability: expect.closeTo(1 - 0.79 ** 2, 12) },
          { months: 3, probability: expect.closeTo(1 - 0.79 ** 3, 12) },
        ],
        reasons: [{ feature: 'days_past_due' }],
      },
    ],
  })
  const before = await (await server.post('/v1/scores', { ...good, asOf: '2024-03-30' })).json()
  expect(before).toMatchObject({ scoredMonth: '2024-02', accounts: [{ pd: [{ months: 1, probability: 0 }, {}, {}] }] })
})

test('the example of the documentation is scored', async () => {
  const example = JSON.parse(readFileSync(join(packageFolder(), 'docs/examples/score-request.json'), 'utf8'))
  const body = scoreResponseSchema.parse(await (await server.post('/v1/scores', example)).json())
  expect(body.accounts.map(one => one.population)).toEqual(['scored', 'scored', 'scored'])
})

test('an account outside the population gets no probability but the reason why', async () => {
  const overdue = { ...account, accountId: 'A', payments: [] } // 50 days past due
  const closed = { ...account, accountId: 'B', closedOn: '2024-02-20' }
  const unopened = { accountId: 'C', instalments: [], payments: [] }
  const body = scoreResponseSchema.parse(
    await (await server.post('/v1/scores', { ...good, accounts: [overdue, closed, unopened, account] })).json(),
  )
  expect(body.accounts.map(({ population, pd }) => [population, pd === null])).toEqual([
    ['overdue', true],
    ['closed', true],
    ['no-history', true],
    ['scored', false],
  ])
})

test('ready-made months are scored too; a month without days past due is unknown', async () => {
  const months = [
    { month: '2024-02', state: 'open', daysPastDue: 0 },
    { month: '2024-03', state: 'open', daysPastDue: 12 },
  ]
  const request = {
    ...good,
    accounts: [
      { accountId: 'A', months },
      { accountId: 'B', months: [{ month: '2024-03', state: 'open' }] },
    ],
  }
  const body = scoreResponseSchema.parse(await (await server.post('/v1/scores', request)).json())
  expect(body.accounts[0]?.pd?.[0]?.probability).toBeCloseTo(0.12, 12)
  expect(body.accounts[1]).toMatchObject({ population: 'unknown', pd: null })
})

const long = Array.from({ length: 3 }, (_, place) => ({
  instalmentId: `i${place}`,
  dueOn: `${1950 + place}-01-01`,
  amountDue: 1,
}))
/** What is wrong, the request, and where the problem must point. */
const bad: readonly (readonly [string, unknown, string])[] = [
  ['an unknown field', { ...good, shoeSize: 42 }, '/shoeSize'],
  [
    'an unknown field deep down',
    withAccount({ payments: [{ ...account.payments[0], note: 'x' }] }),
    '/accounts/0/payments/0/note',
  ],
  ['a wrong type', withAccount({ openedOn: 20240105 }), '/accounts/0/openedOn'],
  ['a date that does not exist', { ...good, asOf: '2024-02-30' }, '/asOf'],
  [
    'a negative amount',
    withAccount({ instalments: [{ ...account.instalments[0], amountDue: -1 }] }),
    '/accounts/0/instalments/0/amountDue',
  ],
  [
    'a future-dated payment',
    withAccount({ payments: [{ paymentId: 'p', paidOn: '2024-04-01', amount: 1 }] }),
    '/accounts/0/payments/0/paidOn',
  ],
  [
    'a payment recorded in the future',
    withAccount({ payments: [{ paymentId: 'p', paidOn: '2024-03-01', recordedOn: '2024-04-01', amount: 1 }] }),
    '/accounts/0/payments/0/recordedOn',
  ],
  [
    'a month that has not ended',
    { ...good, accounts: [{ accountId: 'A', months: [{ month: '2024-04' }] }] },
    '/accounts/0/months/0/month',
  ],
  ['a duplicate account', { ...good, accounts: [account, account] }, '/accounts/1/accountId'],
  [
    'a duplicate instalment',
    withAccount({ instalments: [account.instalments[0], account.instalments[0]] }),
    '/accounts/0/instalments/1/instalmentId',
  ],
  [
    'a payment naming an unknown instalment',
    withAccount({ payments: [{ paymentId: 'p', paidOn: '2024-03-01', amount: 1, instalmentId: 'i9' }] }),
    '/accounts/0/payments/0/instalmentId',
  ],
  ['both grains in one account', withAccount({ months: [] }), '/accounts/0'],
  ['two grains in one request', { ...good, accounts: [account, { accountId: 'B', months: [] }] }, '/accounts'],
  ['no account', { ...good, accounts: [] }, '/accounts'],
  ['a history without bounds', { ...good, accounts: [{ accountId: 'A', instalments: long }] }, '/accounts/0'],
  ['a body that is no object', [], ''],
]

test.each(bad)('%s is answered with a pointer to it', async (_, request, pointer) => {
  const response = await server.post('/v1/scores', request)
  expect(response.status).toBe(422)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  const problem = problemSchema.parse(await response.json())
  expect(problem).toMatchObject({ type: '/problems/invalid-request', status: 422 })
  expect(problem.errors?.map(error => error.pointer)).toContain(pointer)
})

test.each([
  ['NaN', '{"asOf": NaN}', {}, 400, 'invalid-json'],
  ['cut JSON', JSON.stringify(good).slice(0, 50), {}, 400, 'invalid-json'],
  ['a body of 10 MB', JSON.stringify({ ...good, note: 'x'.repeat(10_485_760) }), {}, 413, 'body-too-large'],
  [
    'a body that is no JSON',
    'asOf=2024',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'unsupported-media-type',
  ],
  ['an unknown encoding', JSON.stringify(good), { 'content-encoding': 'pigeon' }, 415, 'unsupported-media-type'],
])('%s gets its own problem', async (_, body, headers, status, slug) => {
  const response = await server.post('/v1/scores', body, headers)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ type: `/problems/${slug}`, status })
})

test('an unknown path is not found, a wrong method says which are allowed', async () => {
  expect((await fetch(`${server.url}/v1/nothing`)).status).toBe(404)
  const response = await fetch(`${server.url}/v1/scores`)
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST')
})

test('a compressed body is read', async () => {
  const response = await fetch(`${server.url}/v1/scores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify(good)),
  })
  expect(response.status).toBe(200)
})

test('keys that would pollute prototypes are refused as unknown', async () => {
  const body = JSON.stringify(good).replace(
    '{',
    '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, ',
  )
  const response = await server.post('/v1/scores', body)
  expect(response.status).toBe(422)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

test('in a batch a bad request gets its own problem and harms no other', async () => {
  const response = await server.post('/v1/scores/batch', [
    good,
    { ...good, asOf: 'yesterday' },
    { ...good, asOf: '2024-02-29' },
  ])
  expect(response.status).toBe(200)
  const { results } = batchSchema.parse(await response.json())
  expect(results[0]?.score?.accounts[0]?.pd?.[0]?.probability).toBeCloseTo(0.21, 12)
  expect(results[1]?.problem).toMatchObject({ type: '/problems/invalid-request', errors: [{ pointer: '/asOf' }] })
  expect(results[2]?.score?.scoredMonth).toBe('2024-02')
  expect(server.model.calls.at(-1)).toBe(2) // one product for both
})

test.each([[[]], [Array(51).fill(good)], [{}]])('a batch must have one request to the limit', async batch => {
  expect((await server.post('/v1/scores/batch', batch)).status).toBe(422)
})

test('a request’s id is taken over if it is sane, and never breaks a header', async () => {
  const id = async (given: string): Promise<string | null> =>
    (await server.post('/v1/scores', good, { 'x-request-id': given })).headers.get('x-request-id')
  expect(await id('abc-123')).toBe('abc-123')
  expect(await id('a b;c')).toMatch(/^[0-9a-f-]{36}$/)
  expect(await id('x'.repeat(200))).toMatch(/^[0-9a-f-]{36}$/)
})

test('no log line holds a borrower, an account, a query or a body', async () => {
  await server.post('/v1/scores?who=secret-query', good)
  await server.post('/v1/scores', { ...good, 'secret-field': 1 })
  await fetch(`${server.url}/secret-path`)
  expect(server.log.length).toBeGreaterThan(3)
  expect(server.log.join('')).not.toContain('secret')
})

test('an error of ours is a problem without a stack', async () => {
  const { score } = server.model
  Object.assign(server.model, {
    score: () => {
      throw new Error('secret-fault')
    },
  })
  const response = await server.post('/v1/scores', good)
  Object.assign(server.model, { score })
  expect(response.status).toBe(500)
  expect(await response.text()).not.toMatch(/secret|at .*\.ts/)
})

test('while stopping it is alive but not ready', async () => {
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  server.state.ready = false
  const response = await fetch(`${server.url}/readyz`)
  server.state.ready = true
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

test('whatever JSON comes, the answer is a score or a problem of the client', async () => {
  const keys = Object.keys(scoreRequestSchema.shape) as (keyof ScoreRequest)[]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...keys), fc.jsonValue(), fc.boolean(), async (key, value, whole) => {
      const response = await server.post('/v1/scores', whole ? value : { ...good, [key]: value })
      expect(response.status).toBeLessThan(500)
      await response.arrayBuffer()
    }),
    { numRuns: 300 },
  )
})
