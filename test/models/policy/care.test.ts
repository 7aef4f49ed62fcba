import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adviceFor, defaultPolicyPath, helpfulPayment, readPolicy } from '../../../models/policy/index.ts'

const { file } = readPolicy(defaultPolicyPath())
const reason = (family: string, number: number) => ({
  family,
  text: { en: `Reason ${number}.`, zh: `原因${number}。` },
})

test('at most four reasons, in both languages, and one lesson for each kind of them', () => {
  const families = ['lateness', 'lateness', 'burden', 'exposure', 'channel']
  const advice = adviceFor(file, families.map(reason))
  expect(advice.reasons.map(({ en }) => en)).toEqual(['Reason 0.', 'Reason 1.', 'Reason 2.', 'Reason 3.'])
  expect(advice.lessons.map(({ id }) => id)).toEqual(['paying-on-time', 'debt-and-income', 'many-lenders'])
  for (const { title, text } of advice.lessons) {
    expect(title.zh).toMatch(/[一-龥]/)
    expect(text.zh.length).toBeGreaterThan(20)
    expect(text.en.length).toBeGreaterThan(40)
  }
})

test('every family of reasons has a lesson in the policy that ships', () => {
  const families = ['lateness', 'payment-behaviour', 'burden', 'exposure', 'channel', 'seasoning', 'economy', 'static']
  for (const family of families) expect(adviceFor(file, [reason(family, 1)]).lessons, family).toHaveLength(1)
})

test('where the grade falls with what is paid, the smallest helpful payment is found to the cent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (owed, share) => {
        const needed = Math.max(1, Math.ceil(owed * share))
        let asked = 0
        const found = await helpfulPayment(owed, async amounts => {
          asked += amounts.length
          return amounts.map(amount => (amount >= needed ? 2 : 4))
        })
        expect(found).toEqual({ amountCents: needed, from: 4, to: 2 })
        expect(asked).toBeLessThanOrEqual(6 * 16)
      },
    ),
  )
})

test('a single cent owed is asked about too', async () => {
  expect(await helpfulPayment(1, async amounts => amounts.map(amount => (amount >= 1 ? 2 : 4)))).toEqual({
    amountCents: 1,
    from: 4,
    to: 2,
  })
})

test('the payment that is named was scored itself; none is named if none helps', async () => {
  expect(await helpfulPayment(1000, async amounts => amounts.map(() => 3))).toBeNull()
  expect(await helpfulPayment(0, async amounts => amounts.map(() => 3))).toBeNull()
  const wavering = (amount: number): number => (amount % 7 < 3 && amount > 200 ? 1 : 2)
  const found = (await helpfulPayment(1000, async amounts => amounts.map(wavering)))!
  expect(wavering(found.amountCents)).toBe(1)
})
