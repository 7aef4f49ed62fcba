import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchingScorer, directScorer, type IdentifiedRequest, parseScoreRequest } from '../../serving/index.ts'
import { loadWideModel } from '../models/wide-model.ts'
import { formulaModel } from './formula-model.ts'

/** A request that differs from others in what was paid, in when it is made and in how many accounts it has. */
function request(id: number, paid: readonly boolean[], accounts: number, reasons: number): IdentifiedRequest {
  const dueOn = (place: number): string => `2024-0${place + 1}-10`
  const body = {
    asOf: `2024-0${paid.length + 1}-28`,
    borrower: { borrowerId: `B${id}`, income: 1000 * id },
    accounts: Array.from({ length: accounts }, (_, account) => ({
      accountId: `A${account}`,
      openedOn: '2023-12-20',
      instalments: paid.map((_, place) => ({
        instalmentId: `i${place}`,
        dueOn: dueOn(place),
        amountDue: 100 + account,
      })),
      payments: paid.flatMap((did, place) =>
        did && place % 3 !== account % 3
          ? [{ paymentId: `p${place}`, paidOn: dueOn(place), amount: 100 + account }]
          : [],
      ),
    })),
    reasons,
  }
  return { requestId: `r${id}`, decisionId: `d${id}`, request: parseScoreRequest(body) }
}

const requests = fc
  .array(
    fc.tuple(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 4 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map(rows => rows.map(([paid, accounts, reasons], id) => request(id, paid, accounts, reasons)))

/** Turns of the event loop to wait before each call, and the requests of each call. */
const interleaving = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 4 })), {
  minLength: 12,
  maxLength: 12,
})

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('batched is unbatched, to the bit, however calls interleave', async () => {
  const model = await loadWideModel()
  const alone = directScorer(() => model)
  let batches = 0
  let asked = 0
  const counted = {
    ...model,
    score: (...given: Parameters<typeof model.score>) => {
      batches += 1
      return model.score(...given)
    },
  }
  await fc.assert(
    fc.asyncProperty(requests, interleaving, fc.integer({ min: 1, max: 8 }), async (all, steps, batchRequests) => {
      const batched = batchingScorer(() => counted, { queueLimit: 100, deadlineMs: 60_000, batchRequests })
      const calls: Promise<unknown>[] = []
      let at = 0
      for (const [turns, count] of steps) {
        for (let one = 0; one < turns; one += 1) await turn()
        const call = all.slice(at, at + count)
        at += count
        if (call.length === 0) break
        asked += call.length
        calls.push(batched.score(call).then(got => ({ got, call })))
      }
      for (const done of (await Promise.all(calls)) as { got: unknown[]; call: IdentifiedRequest[] }[]) {
        for (const [place, one] of done.call.entries()) {
          expect(done.got[place]).toStrictEqual((await alone.score([one]))[0])
        }
      }
    }),
    { numRuns: 100 },
  )
  model.dispose()
  expect(batches).toBeLessThan(asked / 1.5) // they were really computed together
})

const one = request(1, [true, false], 1, 0)
const options = { queueLimit: 3, deadlineMs: 60_000 }

test('what finds no room is told so at once, and what waits is answered', async () => {
  const scorer = batchingScorer(() => formulaModel(), options)
  const waiting = [scorer.score([one]), scorer.score([one, one])]
  expect(scorer.waiting).toBe(3)
  await expect(scorer.score([one])).rejects.toMatchObject({ slug: 'too-busy' })
  expect((await Promise.all(waiting)).map(({ length }) => length)).toEqual([1, 2])
  expect(await scorer.score([one])).toHaveLength(1)
})

test('a call larger than the queue is taken when nothing else waits', async () => {
  const scorer = batchingScorer(() => formulaModel(), options)
  expect(await scorer.score([one, one, one, one, one])).toHaveLength(5)
})

test('what has waited past its deadline is not computed any more', async () => {
  const model = formulaModel()
  const scorer = batchingScorer(() => model, { ...options, deadlineMs: 5 })
  const late = scorer.score([one])
  const until = performance.now() + 10
  while (performance.now() < until); // the event loop is held up
  await expect(late).rejects.toMatchObject({ slug: 'too-busy' })
  expect(model.calls).toEqual([])
})

test('a request that can’t be scored harms no other of its batch', async () => {
  const model = formulaModel()
  const { score } = model
  const poisoned = {
    ...model,
    score: (...given: Parameters<typeof score>) => {
      if (given[0].borrowerIds.includes('B9')) throw new Error('poison')
      return score(...given)
    },
  }
  const scorer = batchingScorer(() => poisoned, { queueLimit: 100, deadlineMs: 60_000 })
  const poison = request(9, [true], 1, 0)
  const calls = await Promise.allSettled([
    scorer.score([one]),
    scorer.score([poison]),
    scorer.score([one, poison]),
    scorer.score([one]),
  ])
  expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
})

test('other work gets its turn between batches', async () => {
  const scorer = batchingScorer(() => formulaModel(), { queueLimit: 100, deadlineMs: 60_000, batchRequests: 1 })
  let turns = 0
  const answered = scorer.score(Array.from({ length: 10 }, () => one)).then(() => turns)
  while (turns < 9) {
    await turn()
    turns += 1
  }
  expect(await answered).toBeGreaterThanOrEqual(8)
})

test('a model that changes between batches answers each batch as a whole', async () => {
  const models = [formulaModel(), formulaModel()]
  let current = 0
  const scorer = batchingScorer(() => models[current] as (typeof models)[0], options)
  const first = scorer.score([one])
  await first
  current = 1
  await scorer.score([one])
  expect(models.map(({ calls }) => calls.length)).toEqual([1, 1])
})

test('an empty call is an empty answer', async () => {
  expect(await batchingScorer(() => formulaModel(), options).score([])).toEqual([])
})
