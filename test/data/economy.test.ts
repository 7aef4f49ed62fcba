import { expect, test } from 'vitest'
import { economyAsOf, toMonth } from '../../data/index.ts'

test('a figure is unknown until it is published', () => {
  const economy = economyAsOf([
    { month: '2024-01', unemployment: 4, interestRate: 3, publishedOn: '2024-02-10' },
    { month: '2024-02', unemployment: 5, publishedOn: '2024-04-01' },
  ])
  expect(economy.asOf(toMonth('2024-01'))).toEqual({ unemployment: Number.NaN, interestRate: Number.NaN })
  expect(economy.asOf(toMonth('2024-02'))).toEqual({ unemployment: 4, interestRate: 3 })
  expect(economy.asOf(toMonth('2024-03'))).toEqual({ unemployment: 4, interestRate: 3 })
  expect(economy.asOf(toMonth('2024-04'))).toEqual({ unemployment: 5, interestRate: 3 })
})

test('without a date of publication a figure counts from the end of the following month', () => {
  const economy = economyAsOf([{ month: '2024-01', unemployment: 4 }])
  expect(economy.asOf(toMonth('2024-01')).unemployment).toBeNaN()
  expect(economy.asOf(toMonth('2024-02')).unemployment).toBe(4)
})
