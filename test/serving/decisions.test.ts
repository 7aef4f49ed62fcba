import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  armOf,
  compilePolicy,
  defaultPolicyPath,
  packageFolder,
  readPolicy,
  readRulePacks,
} from '../../models/index.ts'
import {
  emptyCaseBook,
  keepPolicy,
  keptPolicy,
  reproduceAnswer,
  type ScoreResponse,
  scoreResponseSchema,
} from '../../serving/index.ts'
import { startTestServer, type TestServer } from './test-server.ts'

/** A Wednesday, noon in Shanghai. */
const noon = Date.parse('2026-06-03T04:00:00Z')
const policy = compilePolicy(readPolicy(defaultPolicyPath()))
let server: TestServer
beforeAll(async () => {
  server = await startTestServer(undefined, { now: () => noon, book: emptyCaseBook })
})
afterAll(() => server.close())

const treated = Array.from({ length: 9 }, (_, id) => `b${id}`).find(id => armOf(policy.file, id) === 'treated')!

/** One account, its second instalment of 10 March 2024 unpaid: 21 days past due on 31 March. */
const request = {
  asOf: '2024-03-31',
  borrower: { borrowerId: treated },
  accounts: [
    {
      accountId: 'a1',
      openedOn: '2024-01-05',
      instalments: [
        { instalmentId: 'i1', dueOn: '2024-02-10', amountDue: 100 },
        { instalmentId: 'i2', dueOn: '2024-03-10', amountDue: 100 },
      ],
      payments: [{ paymentId: 'p1', paidOn: '2024-02-10', amount: 100 }],
    },
  ],
}
const score = async (body: object): Promise<ScoreResponse> =>
  scoreResponseSchema.parse(await (await server.post('/v1/scores', body)).json())
const decided = async (circumstances: object, more: object = {}) =>
  (await score({ ...request, ...more, circumstances })).accounts[0]!.decision!

test('a score is answered with grade, points, level, classes, treatment and permit, and the policy that decided', async () => {
  const answer = await score(request)
  // PD within three months is 1 − 0.79³ = 0.507: odds 0.9724 : 1; 600 + 20 × log2(0.9724 / 20) = 512.7
  expect(answer.accounts[0]?.decision).toMatchObject({
    grade: 'G',
    points: 513,
    warningLevel: 'red',
    daysPastDue: 21,
    classes: { 'cn-five-tier-loans': 'special-mention' },
    treatment: { name: 'care-call', rule: 'table.early-high', purpose: 'care' },
    permit: { permitted: true, channel: 'call', packs: ['china-strict@2026-11', 'house@1'] },
    credit: { action: 'review', adverseAction: false },
    exposure: 100,
  })
  expect(answer).toMatchObject({
    policy: { name: 'default', version: 1, hash: policy.hash },
    decided: { at: '2026-06-03T04:00:00.000Z', remembered: { previous: [], complete: true } },
  })
})

test('an account that was never late is in the best class of every clock', async () => {
  const paid = [...request.accounts[0]!.payments, { paymentId: 'p2', paidOn: '2024-03-10', amount: 100 }]
  const decision = await decided({}, { accounts: [{ ...request.accounts[0], payments: paid }] })
  expect(decision).toMatchObject({ daysPastDue: 0, warningLevel: 'blue', treatment: { name: 'none' }, permit: null })
  expect(decision.classes['cn-five-tier-loans']).toBe('normal')
})

test('a loan that was restructured before it ever was late is not in the best class', async () => {
  const [first, second] = request.accounts[0]!.instalments
  const instalments = [
    first,
    { ...second, cancelledOn: '2024-03-01' },
    { instalmentId: 'i3', dueOn: '2024-06-10', amountDue: 100, issuedOn: '2024-03-01' },
  ]
  const decision = await decided({}, { accounts: [{ ...request.accounts[0], instalments }] })
  expect(decision.daysPastDue).toBe(0)
  // `restructured.atLeast` of each pack; what the lender gave up isn't known, which the EU's pack takes for distress.
  expect(decision.classes).toMatchObject({
    'cn-five-tier-loans': 'special-mention',
    'ifrs9-stages': 'stage-2',
    'eu-default': 'in-default',
  })
})

test('an account too overdue for the model is still classified and treated', async () => {
  const decision = await decided({}, { asOf: '2024-05-31' })
  expect(decision).toMatchObject({
    grade: null,
    warningLevel: null,
    daysPastDue: 82,
    treatment: { name: 'specialist', rule: 'table.third-and-fourth-month' },
  })
})

test('the stop list of the request overrides, for the borrower or for one account', async () => {
  expect((await decided({ stops: [{ stop: 'dispute' }] })).treatment).toMatchObject({
    name: 'none',
    rule: 'stops.dispute',
  })
  expect((await decided({ stops: [{ stop: 'dispute', accountId: 'other' }] })).treatment.name).toBe('care-call')
})

test('an outage makes the overdue technical: it could not be paid, and goes to care', async () => {
  const failed = {
    paymentId: 'd1',
    paidOn: '2024-03-10',
    amount: 100,
    outcome: 'failed',
    channel: 'auto-debit',
    bank: 'B',
  }
  const account = { ...request.accounts[0], payments: [...request.accounts[0]!.payments, failed] }
  const outages = [{ bank: 'B', channel: null, day: '2024-03-10', hours: null }]
  expect((await decided({}, { accounts: [account] })).cause).toBe('unknown')
  expect(await decided({ outages }, { accounts: [account] })).toMatchObject({
    cause: 'could-not',
    treatment: { rule: 'exceptions.could-not-pay' },
  })
})

test('promises are judged by the payments of the request', async () => {
  const promise = (dueOn: string) => ({ accountId: 'a1', madeOn: '2024-03-12', dueOn, amount: 100 })
  expect(await decided({ promises: [promise('2024-04-05')] })).toMatchObject({
    promises: { open: 1, kept: 0, broken: 0 },
    treatment: { name: 'none', rule: 'exceptions.promise-open' },
  })
  const broken = await decided({ promises: [promise('2024-03-15'), promise('2024-03-20')] })
  expect(broken).toMatchObject({ promises: { broken: 2 }, cause: 'will-not' })
})

test('contact rules see the ledger: after a conversation today the house calls no more until tomorrow', async () => {
  const contacts = [{ accountId: 'a1', channel: 'call', at: '2026-06-03T02:00:00Z', conversation: true }]
  expect((await decided({ contacts })).permit).toMatchObject({
    permitted: false,
    rule: { pack: 'house', id: 'one-a-day' },
    nextPermittedAt: '2026-06-04T01:00:00.000Z',
  })
})

test('the state of one decision carries into the next', async () => {
  const before = (await decided({})).state
  const paid = [...request.accounts[0]!.payments, { paymentId: 'p2', paidOn: '2024-04-02', amount: 100 }]
  const next = { asOf: '2024-04-30', accounts: [{ ...request.accounts[0], payments: paid }] }
  const previous = [{ accountId: 'a1', state: before }]
  const [fresh, followed] = [await decided({}, next), await decided({ previous }, next)]
  expect(fresh.state.level).toMatchObject({ step: 'blue', since: fresh.state.day })
  expect(followed.state.level).toMatchObject({ step: 'blue', since: fresh.state.day }) // PD fell clearly: at once
  const still = await decided({ previous }, { asOf: '2024-04-01' })
  expect(still.state.level).toMatchObject({ step: 'red', since: before.day })
})

test('one borrower’s decision is made again from the log and the policy’s hash, to the byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'harbinger-policies-'))
  try {
    keepPolicy(folder, policy)
    keepPolicy(folder, policy) // once is enough
    expect(readdirSync(folder)).toEqual([`${policy.hash}.json`])
    const contacts = [{ accountId: 'a1', channel: 'call', at: '2026-06-03T02:00:00Z', conversation: false }]
    const example = JSON.parse(
      readFileSync(join(packageFolder(), 'docs/examples/score-request.json'), 'utf8'),
    ) as object
    const bodies = [
      request,
      { ...request, circumstances: { contacts, timeZone: 'Asia/Urumqi', advice: true } },
      example,
    ]
    for (const body of bodies) {
      const sent = await (await server.post('/v1/scores', body)).text()
      const logged = server.decisions.at(-1)!
      const { policy: said } = scoreResponseSchema.parse(JSON.parse(sent))
      const kept = compilePolicy(keptPolicy(folder, said!.hash))
      const again = await reproduceAnswer(logged, server.model, kept, readRulePacks())
      expect(again).toBe(sent)
      expect(again).toBe(Buffer.from(logged.answer).toString())
    }
    const logged = server.decisions.at(-1)!
    const other = { ...policy, hash: '0'.repeat(16) }
    await expect(reproduceAnswer(logged, server.model, policy, readRulePacks().slice(1))).rejects.toThrow('rule packs')
    await expect(reproduceAnswer(logged, server.model, other, readRulePacks())).rejects.toThrow('another-hash')
    const path = join(folder, `${policy.hash}.json`)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"cost":15', '"cost":16'))
    expect(() => keptPolicy(folder, policy.hash)).toThrow('altered-policy')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('advice names the smallest payment that lowers the grade, checked by scoring, with reasons and a lesson', async () => {
  const { advice } = await decided({ advice: true })
  // Within a fortnight of 31 March; scored on 30 April, when 10 March would be 51 days past due. A part of the
  // instalment leaves it unpaid, so nothing less than all of it helps.
  expect(advice?.payment).toEqual({
    amount: 100,
    currency: 'CNY',
    payBy: '2024-04-14',
    gradeWithout: 'ungraded',
    gradeWith: 'A',
    says: { en: 'Pay CNY 100.00 by 2024-04-14.', zh: '请在2024-04-14前还款100.00（CNY）。' },
  })
  expect(advice?.reasons).toEqual([{ en: 'Late.', zh: '逾期。' }])
  expect(advice?.lessons.map(({ id }) => id)).toEqual(['paying-on-time'])
})

test('a permit is asked for by itself too', async () => {
  const ask = async (more: object) =>
    (
      await server.post('/v1/contacts/permit', {
        borrowerId: 'b',
        accountId: 'a',
        channel: 'call',
        purpose: 'care',
        ...more,
      })
    ).json()
  expect(await ask({})).toMatchObject({ policy: { hash: policy.hash }, permit: { permitted: true } })
  expect(await ask({ at: '2026-06-03T23:00:00+08:00' })).toMatchObject({
    permit: {
      permitted: false,
      rule: { pack: 'china-strict', id: 'window' },
      nextPermittedAt: '2026-06-04T01:00:00.000Z',
    },
  })
  expect(await ask({ stops: ['hardship'] })).toMatchObject({ permit: { permitted: true } })
  expect(await ask({ stops: ['hardship'], purpose: 'collection' })).toMatchObject({
    permit: { rule: { id: 'stops.hardship' } },
  })
  expect(await ask({ party: 'third-party' })).toMatchObject({ permit: { permitted: false, nextPermittedAt: null } })
  expect(await ask({ timeZone: 'Mars/Olympus' })).toMatchObject({ status: 422, errors: [{ pointer: '/timeZone' }] })
})

test('while the memory can’t be read, scores are given and permits are not', async () => {
  const broken = await startTestServer(undefined, {
    now: () => noon,
    book: {
      recall: async asked => asked.map(() => ({ contacts: [], promises: [], previous: [], complete: false })),
      budgetCutoff: async () => null,
    },
  })
  const answer = scoreResponseSchema.parse(await (await broken.post('/v1/scores', request)).json())
  await broken.close()
  expect(answer.accounts[0]?.decision).toMatchObject({
    grade: 'G',
    permit: { permitted: false, rule: { id: 'no-ledger' }, nextPermittedAt: null },
  })
})
