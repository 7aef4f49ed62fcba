import { expect, test } from 'vitest'
import { random, toMonth } from '../../data/index.ts'
import { stabilityByMonth } from '../../training/stability.ts'

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
