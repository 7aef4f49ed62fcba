import { expect, test } from 'vitest'
import { random, toMonth } from '../../data/index.ts'
import { stabilityByMonth } from '../../training/stability.ts'

test('Evidently (bin edges from both samples together, by its own count): ten bins of the reference, whatever comes later', () => {
  const reference = Float64Array.from({ length: 1000 }, (_, row) => (row + 0.5) / 1000)
  const now = Float64Array.from({ length: 100 }, (_, row) => (row + 0.5) / 100)
  const far = Float64Array.from({ length: 900 }, () => 0.999)
  const month = (text: string) => toMonth(text)
  const alone = stabilityByMonth(reference, now, new Int32Array(100).fill(month('2024-01')))
  const both = stabilityByMonth(
    reference,
    Float64Array.from([...now, ...far]),
    Int32Array.from({ length: 1000 }, (_, row) => month(row < 100 ? '2024-01' : '2024-02')),
  )
  expect(both[0]).toEqual(alone[0])
  expect(alone[0]!.psi).toBe(0) // a tenth in each tenth
  // All in the last of ten bins: nine times (0.0001 − 0.1)·ln(0.0001/0.1), once (1 − 0.1)·ln(1/0.1)
  expect(both[1]!.psi).toBeCloseTo(9 * 0.0999 * Math.log(1000) + 0.9 * Math.log(10), 10)
})

test('a month drawn like the reference stays within chance; a shifted one does not', () => {
  const source = random(1, 'stability')
  const draw = (count: number, shift: number) =>
    Float64Array.from({ length: count }, () => 1 / (1 + Math.exp(3 - shift - source.normal())))
  const reference = draw(4000, 0)
  const pd = Float64Array.from([...draw(300, 0), ...draw(300, 1)])
  const months = Int32Array.from(pd, (_, row) => toMonth(row < 300 ? '2024-01' : '2024-02'))
  const [same, moved] = stabilityByMonth(reference, pd, months)
  expect(same).toMatchObject({ month: '2024-01', rows: 300 })
  // χ²(0.999; 9) = 27.877 by table
  expect(same!.limit).toBeCloseTo(27.877 * (1 / 300 + 1 / 4000), 4)
  expect(same!.psi).toBeLessThan(same!.limit)
  expect(moved!.psi).toBeGreaterThan(moved!.limit)
})
