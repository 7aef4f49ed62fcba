import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Categories } from '../../data/index.ts'
import { FeatureBlock, type FeatureColumn, type FeatureColumns, type Model } from '../../models/index.ts'
import { batchingScorer } from '../../serving/index.ts'
import { loadWideModel } from '../models/wide-model.ts'

let model: Model
beforeAll(async () => {
  model = await loadWideModel()
})
afterAll(() => model.dispose())

/** Features of some rows, drawn from what training has seen, from beyond it, and from nothing. */
function columnsOf(cells: readonly (readonly (number | null)[])[]): FeatureBlock {
  const block = new FeatureBlock(model.features, cells.length)
  cells.forEach((values, row) => {
    model.features.forEach(({ kind }, place) => {
      const value = values[place % values.length] ?? null
      if (value === null) return
      if (kind === 'number') block.setNumber(place, row, value)
      else block.setCategory(place, row, value > 3 ? 'app' : 'elsewhere')
    })
  })
  return block
}

/** The same in columns of their own, as the evaluator makes them. */
function apart({ features, rows, columns }: FeatureBlock): FeatureColumns {
  return {
    features,
    rows,
    columns: columns.map(
      (column): FeatureColumn =>
        column.kind === 'number' ? { kind: 'number', values: column.values.slice() } : Categories.of(column.values),
    ),
  }
}

const cell = fc.option(fc.integer({ min: -2, max: 200 }), { nil: null })
const row = fc.array(cell, { minLength: 7, maxLength: 7 })
const call = fc.record({
  cells: fc.array(row, { minLength: 1, maxLength: 6 }),
  reasons: fc.constantFrom(0, 0, 0, 3),
  /** Turns of the event loop before it. */
  turns: fc.integer({ min: 0, max: 2 }),
})
const bounds = { queueLimit: 100, deadlineMs: 60_000 }
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** The model, which counts how often it is asked. */
function counted(of: Model): Model & { calls: number } {
  const counting = {
    ...of,
    calls: 0,
    scoreFeatures: (...given: Parameters<Model['scoreFeatures']>) => {
      counting.calls += 1
      return of.scoreFeatures(...given)
    },
  }
  return counting
}

test('vectors of several calls get what each call alone would get, to the bit', async () => {
  const counting = counted(model)
  let asked = 0
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 12 }), async calls => {
      const scorer = batchingScorer(() => model, bounds)
      asked += calls.length
      const answers = []
      for (const { cells, reasons, turns } of calls) {
        for (let one = 0; one < turns; one += 1) await turn()
        const columns = columnsOf(cells)
        answers.push(scorer.scoreFeatures(counting, columns, reasons).then(got => ({ got, columns, reasons })))
      }
      for (const { got, columns, reasons } of await Promise.all(answers)) {
        const alone = model.scoreFeatures(apart(columns), reasons)
        expect(got.pd.map(column => [...column])).toEqual(alone.pd.map(column => [...column]))
        expect(got.reasons).toEqual(alone.reasons)
        expect(got.features).toBe(columns)
      }
    }),
    { numRuns: 60 },
  )
  expect(counting.calls).toBeLessThan(asked / 1.5) // they were really computed together
})

test('each call is answered by the model that it means', async () => {
  const [first, second] = [counted(model), counted(model)]
  const scorer = batchingScorer(() => model, bounds)
  const columns = columnsOf([[1], [2]])
  await Promise.all([first, second, first].map(meant => scorer.scoreFeatures(meant, columns)))
  expect([first.calls, second.calls]).toEqual([1, 1])
})

test('a call that can’t be scored harms no other', async () => {
  const scorer = batchingScorer(() => model, bounds)
  const good = columnsOf([[1]])
  const poison = columnsOf([[13]])
  const poisoned: Model = {
    ...model,
    scoreFeatures: (columns, reasons) => {
      const [column] = columns.columns
      if (column?.kind === 'number' && column.values.includes(13)) throw new Error('poison')
      return model.scoreFeatures(columns, reasons)
    },
  }
  const ends = await Promise.allSettled([good, poison, good].map(one => scorer.scoreFeatures(poisoned, one)))
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('calls that find no room are told so at once, and those that wait are answered', async () => {
  const scorer = batchingScorer(() => model, { ...bounds, queueLimit: 2 })
  const columns = columnsOf([[1]])
  const waiting = [scorer.scoreFeatures(model, columns), scorer.scoreFeatures(model, columns)]
  expect(scorer.waiting).toBe(2)
  await expect(scorer.scoreFeatures(model, columns)).rejects.toMatchObject({ slug: 'too-busy' })
  expect(await Promise.all(waiting)).toHaveLength(2)
  expect(scorer.waiting).toBe(0)
})

test('what has waited past its deadline is not computed any more', async () => {
  const counting = counted(model)
  const scorer = batchingScorer(() => model, { ...bounds, deadlineMs: 5 })
  const late = scorer.scoreFeatures(counting, columnsOf([[1]]))
  const until = performance.now() + 10
  while (performance.now() < until); // the event loop is held up
  await expect(late).rejects.toMatchObject({ slug: 'too-busy' })
  expect(counting.calls).toBe(0)
})

test('calls of many rows are computed apart, and other work gets its turn between them', async () => {
  const counting = counted(model)
  const scorer = batchingScorer(() => model, bounds)
  const many = columnsOf(Array.from({ length: 200 }, (_, place) => [place % 90, null, 3]))
  const answered = Promise.all([many, many, many].map(columns => scorer.scoreFeatures(counting, columns)))
  expect((await answered).map(({ pd }) => pd[0]?.length)).toEqual([200, 200, 200])
  expect(counting.calls).toBe(3)
})
