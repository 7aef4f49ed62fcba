import { expect, test } from 'vitest'
import { defaultLabelSpec, HistoryBuilder, type LabelledHistory, labelHash, labelSpecSchema } from '../../data/index.ts'
import { labelGiven, labelPopulation } from '../../training/population.ts'

/** One account with the days past due of its months; null = a month not seen. */
function history(daysPastDue: readonly (number | null)[]): LabelledHistory {
  const builder = new HistoryBuilder()
  builder.borrower('B')
  builder.account('A', {})
  daysPastDue.forEach((days, month) => {
    if (days !== null) builder.add(600 + month, { state: 0, daysPastDue: days })
  })
  return builder.build()
}

const spec = { ...defaultLabelSpec, horizonMonths: 3 }
const rowsOf = (labelled: ReturnType<typeof labelPopulation>) =>
  [...labelled.rows].map((row, index) => [row, labelled.observedMonths[index], labelled.eventMonth[index]])

test('the event is the first month of the window in which days past due reach the target', () => {
  // Row 0: seen 3 months, the event in the second of them ends the count. Row 3 is overdue itself: not in the population.
  expect(rowsOf(labelPopulation(spec, history([0, 10, 30, 60, 0])))).toEqual([
    [0, 2, 2],
    [1, 1, 1],
  ])
})

test('rows are followed after the event too: early delinquency is a third of the target, in every month', () => {
  const followUpOf = (label: typeof spec, days: readonly (number | null)[]) => {
    const { rows, followUp } = labelPopulation(label, history(days))
    return [...rows].map((row, at) => [row, followUp?.followedMonths[at], followUp?.earlyDelinquency[at]])
  }
  expect(followUpOf(spec, [0, 10, 30, 60, 0])).toEqual([
    [0, 3, 0b111],
    [1, 3, 0b011],
  ])
  expect(followUpOf(spec, [0, 9, 29, null, 29])).toEqual([
    [0, 2, 0b10],
    [1, 1, 0b1],
  ])
  expect(followUpOf({ ...spec, graceDays: 5 }, [0, 14, 15, 0])[0]).toEqual([0, 3, 0b010])
  // a third of 4 is more than one day
  expect(followUpOf({ ...spec, targetDaysPastDue: 4 }, [0, 1, 2, 3])[0]).toEqual([0, 3, 0b110])
})

test('29 days are not 30', () => {
  expect(rowsOf(labelPopulation(spec, history([0, 29, 29, 29])))).toEqual([
    [0, 3, 0],
    [1, 2, 0],
    [2, 1, 0],
  ])
})

test('an account is censored where its data ends, and at a month not seen', () => {
  expect(rowsOf(labelPopulation(spec, history([0, 0, null, 45])))).toEqual([[0, 1, 0]])
})

test('a contract is seen until the month after its last instalment falls due', () => {
  const builder = new HistoryBuilder()
  builder.borrower('B')
  builder.account('A', {})
  for (const [month, instalmentsLeft] of [5, 2, 1, 0, undefined].entries()) {
    builder.add(600 + month, { state: 0, daysPastDue: 0, instalmentsLeft })
  }
  builder.add(605, { state: 0, daysPastDue: 0 })
  const { rows, contractMonths } = labelPopulation(spec, builder.build())
  expect([...rows]).toEqual([0, 1, 2, 3, 4])
  expect([...contractMonths]).toEqual([3, 3, 2, 1, 3])
})

test('grace days are taken off, and a small arrear is no event', () => {
  expect(rowsOf(labelPopulation({ ...spec, graceDays: 5 }, history([0, 34, 35])))).toEqual([
    [0, 2, 2], // 34 − 5 < 30, 35 − 5 = 30
  ])
  const builder = new HistoryBuilder()
  builder.borrower('B')
  builder.account('A', {})
  builder.add(600, { state: 0, daysPastDue: 0, arrears: 0 })
  builder.add(601, { state: 0, daysPastDue: 40, arrears: 9.99 })
  builder.add(602, { state: 0, daysPastDue: 70, arrears: 20 })
  expect(rowsOf(labelPopulation({ ...spec, materiality: 10 }, builder.build()))[0]).toEqual([0, 2, 2])
})

test('entry states and exclusions keep accounts out', () => {
  const builder = new HistoryBuilder()
  builder.borrower('B')
  builder.account('A', {})
  for (const [month, state, restructured] of [
    [600, 0, 0],
    [601, 2, 0],
    [602, 0, 1],
    [603, 0, 1],
  ] as const) {
    builder.add(month, { state, restructured, daysPastDue: 0 })
  }
  const block = builder.build()
  expect([...labelPopulation(spec, block).rows]).toEqual([0, 1, 2])
  expect([...labelPopulation({ ...spec, entryStates: ['open'] }, block).rows]).toEqual([0, 2])
  expect([...labelPopulation({ ...spec, exclusions: ['restructured'] }, block).rows]).toEqual([0, 1])
})

test('labels that the data brings are taken as they are', () => {
  const labels = new Map([
    [
      'A',
      [
        { month: 601, horizon: 1, event: 1 as const },
        { month: 700, horizon: 1, event: 0 as const },
      ],
    ],
  ])
  const given = labelGiven({ ...spec, horizonMonths: 1 }, history([0, 0, 0]).history, labels)
  expect(rowsOf(given)).toEqual([[1, 1, 1]])
  expect(given.followUp).toBeUndefined()
})

test('the hash of a label does not depend on the order of its keys, and changes with any of them', () => {
  const turned = Object.fromEntries(Object.entries(defaultLabelSpec).reverse())
  expect(labelHash(labelSpecSchema.parse(turned))).toBe(labelHash(defaultLabelSpec))
  expect(labelHash({ ...defaultLabelSpec, graceDays: 1 })).not.toBe(labelHash(defaultLabelSpec))
})
