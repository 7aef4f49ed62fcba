import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import { areaUnderRoc, cumulativePd, loadEngine } from '../../models/index.ts'
import type { FeatureDescription } from '../../training/feature-table.ts'
import { fitMember } from '../../training/fit-member.ts'
import { requireSeparateParts, suspectedLeaks } from '../../training/honesty.ts'

const matrix = {
  borrowerIndex: Int32Array.of(0, 0, 1, 2),
  accountIndex: Int32Array.of(0, 1, 2, 3),
  borrowerIds: ['B1', 'B2', 'B3'],
  accountIds: ['A1', 'A2', 'A3', 'A4'],
}

test('a borrower that counts as unseen but was learned from is refused by name', () => {
  const unseen = Uint8Array.of(0, 1, 0, 1)
  const split = (train: number[], test: number[]) => ({
    train: Int32Array.from(train),
    test: Int32Array.from(test),
    unseen,
  })
  expect(() => requireSeparateParts(matrix, split([2], [1, 3]))).not.toThrow()
  expect(() => requireSeparateParts(matrix, split([0, 2], [1, 3]))).toThrow(
    'found "B1", expected borrowers that count as unseen in no training row (rule borrower-in-both-parts)',
  )
  expect(() => requireSeparateParts(matrix, split([2], [2]))).toThrow('row-in-both-parts')
})

test('a planted leak is named, an honest feature is not', () => {
  const source = random(1, 'leak')
  const event = Uint8Array.from({ length: 2000 }, () => (source.chance(0.1) ? 1 : 0))
  const auc = (strength: number): number =>
    areaUnderRoc(
      Float64Array.from(event, happened => strength * happened + source.normal()),
      event,
    )
  const feature = (name: string, singleAuc: number | null) => ({ name, singleAuc }) as FeatureDescription
  const table = [feature('leak', auc(4)), feature('honest', auc(1)), feature('category', null)]
  expect(suspectedLeaks(table).map(({ name }) => name)).toEqual(['leak'])
})

test('shuffled labels teach nothing: AUC on rows not learned from is 0.5 within three standard errors', async () => {
  const engine = await loadEngine()
  const source = random(7, 'shuffled')
  const [rows, width] = [4000, 6]
  const data = {
    inputs: Float32Array.from({ length: rows * width }, () => source.normal()),
    width,
    horizonMonths: 1,
    observedMonths: new Uint8Array(rows).fill(1),
    eventMonth: Uint8Array.from({ length: rows }, () => (source.chance(0.2) ? 1 : 0)), // whatever the inputs are
  }
  const places = Int32Array.from({ length: rows }, (_, row) => row)
  const { validationLogits } = fitMember(
    engine,
    data,
    places.subarray(0, 2000),
    places.subarray(2000),
    {
      shape: { kind: 'perceptron', hidden: [16, 8] },
      dropout: 0.1,
      learningRate: 5e-3,
      weightDecay: 0.01,
      batchRows: 128,
      epochsAtMost: 4,
      patience: 4,
    },
    1,
  )
  const pd = cumulativePd({ slope: [1], intercept: [0] }, validationLogits, 2000)[0]!
  const events = data.eventMonth.slice(2000)
  const positives = events.reduce((sum, event) => sum + event, 0)
  // Under no association the AUC's variance is (m + n + 1) / (12 m n), Mann & Whitney (1947).
  const error = Math.sqrt(2001 / (12 * positives * (2000 - positives)))
  expect(Math.abs(areaUnderRoc(pd, events) - 0.5)).toBeLessThan(3 * error)
})
