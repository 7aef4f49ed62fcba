import { Loan } from 'loanjs'
import { expect, test } from 'vitest'
import { random, toDay } from '../../../data/index.ts'
import {
  amortise,
  capitalise,
  Exact,
  effectiveFromNominal,
  effectiveRate,
  levelPayment,
  presentValue,
} from '../../../models/index.ts'

const monthly = (percentYearly: string): Exact => new Exact(percentYearly).div(1200)

test('a published schedule, rounded row by row as posted, is met to the cent', () => {
  // 400,000 at 5.95 % over 30 years: github.com/PaulSquires/tiko-lang/wiki/Modern-Finance-LoanRowAt, read 2026-11.
  const rows = amortise(new Exact(400_000), monthly('5.95'), 360, 'USD')
  expect(rows[0]?.interest.toFixed(2)).toBe('1983.33')
  expect(rows[179]?.balance.toFixed(2)).toBe('283580.13')
  expect(rows[359]?.payment.toFixed(2)).toBe('2384.39')
  expect(rows[359]?.balance.isZero()).toBe(true)
})

test('the example of NumPy Financial is met to the cent: 2,500 at 8.24 % over a year', () => {
  // numpy.org/numpy-financial, ipmt: principal and interest of periods 1 … 5; it rounds only what it prints, so later
  // periods differ from posted amounts by a cent.
  const printed = [
    ['200.58', '17.17', '2299.42'],
    ['201.96', '15.79', '2097.46'],
    ['203.35', '14.40', '1894.11'],
    ['204.74', '13.01', '1689.37'],
    ['206.15', '11.60', '1483.22'],
  ]
  const rows = amortise(new Exact(2500), monthly('8.24'), 12, 'USD')
  printed.forEach(([principal, interest, balance], place) => {
    const row = rows[place]
    expect([row?.principal, row?.interest, row?.balance].map(amount => amount?.toFixed(2))).toEqual([
      principal,
      interest,
      balance,
    ])
  })
})

test('every row of 300 random loans equals an independent library’s, to the cent', () => {
  const source = random(1, 'loans')
  let [rows, halves] = [0, 0]
  for (let number = 0; number < 300; number += 1) {
    const principal = 1000 + source.integer(1_000_000)
    const count = 2 + source.integer(59)
    const percent = 1 + source.integer(360) / 10
    const theirs = Loan(principal, count, percent, 'annuity').installments
    const ours = amortise(new Exact(principal), monthly(String(percent)), count, 'USD')
    const text = (...amounts: readonly (Exact | number | undefined)[]) => amounts.map(amount => amount?.toFixed(2))
    let balance = new Exact(principal)
    for (const [place, row] of theirs.slice(0, -1).entries()) {
      const mine = ours[place]
      // half a cent exactly: the library's binary floats can't tell and may round it down; from there on it differs
      if (balance.mul(percent).div(12).mod(1).equals(0.5)) {
        halves += 1
        break
      }
      const name = `${principal} at ${percent} %, ${place + 1} of ${count}`
      expect(text(mine?.payment, mine?.interest, mine?.principal), name).toEqual(
        text(row.installment, row.interest, row.capital),
      )
      balance = mine?.balance ?? balance
      rows += 1
    }
    // the library's last instalment is level too and leaves a residue; ours pays exactly what is left
    expect(ours.at(-1)?.balance.isZero()).toBe(true)
  }
  expect(rows).toBeGreaterThan(5000)
  expect(halves).toBeLessThan(60)
})

test('principal adds up, balances end at nothing, and every amount is whole in the currency’s smallest unit', () => {
  const source = random(2, 'loans')
  for (let number = 0; number < 200; number += 1) {
    const currency = ['EUR', 'JPY', 'CNY'][number % 3] as string
    const digits = currency === 'JPY' ? 0 : 2
    const principal = new Exact(1 + source.integer(10_000_000)).div(10 ** digits)
    const rows = amortise(principal, new Exact(source.uniform()).div(10), 1 + source.integer(48), currency)
    const paid = rows.reduce((sum, row) => sum.plus(row.principal), new Exact(0))
    expect(paid.equals(principal)).toBe(true)
    for (const { payment, interest, balance } of rows) {
      expect(payment.minus(interest).isNegative()).toBe(false)
      for (const amount of [payment, interest, balance]) expect(amount.decimalPlaces()).toBeLessThanOrEqual(digits)
    }
  }
})

test('amounts that binary floating point gets wrong are right: 1.005 rounds up, 0.1 + 0.2 is 0.3', () => {
  expect(levelPayment(new Exact('1.005'), new Exact(0), 1, 'EUR').toString()).toBe('1.01')
  expect(capitalise(new Exact('0.3'), new Exact(0), 5, 'EUR').equals(new Exact('0.1').plus('0.2'))).toBe(true)
  expect(capitalise(new Exact(1000), new Exact('0.01'), 2, 'EUR').toString()).toBe('1020.1') // 1000 + 10 + 10.10
})

test('effective rate and present value are those of the spreadsheet functions XIRR and XNPV', () => {
  // Microsoft's documentation of XIRR (0.373362535) and XNPV (2,086.65): −10,000 and four payments, actual/365.
  const flow = (on: string, amount: number) => ({ on: toDay(on), amount: new Exact(amount) })
  const paidOut = flow('2008-01-01', 10_000)
  const payments = [
    flow('2008-03-01', 2750),
    flow('2008-10-30', 4250),
    flow('2009-02-15', 3250),
    flow('2009-04-01', 2750),
  ]
  expect(effectiveRate(paidOut, payments)?.toNumber()).toBeCloseTo(0.373362535, 8)
  expect(presentValue(payments, new Exact('0.09'), paidOut.on).minus(10_000).toFixed(2)).toBe('2086.65')
})

test('a rate below nothing is found too, and none where there is none', () => {
  const flow = (on: string, amount: number) => ({ on: toDay(on), amount: new Exact(amount) })
  const lost = effectiveRate(flow('2023-01-01', 100), [flow('2024-01-01', 90)]) // 365 days: 90/100 − 1
  expect(lost?.toNumber()).toBeCloseTo(-0.1, 12)
  expect(effectiveRate(flow('2023-01-01', 100), [])).toBe(null)
  expect(effectiveRate(flow('2023-01-01', 100), [flow('2023-01-01', 100)])).toBe(null)
  expect(effectiveFromNominal(new Exact('0.12')).toFixed(6)).toBe('0.126825') // 1.01^12 − 1
})
