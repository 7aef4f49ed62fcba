/** Amounts of money as decimals: interest is never worked out in binary floating point. */

import { Decimal } from 'decimal.js'

/** Decimal numbers of 34 significant digits (IEEE 754 decimal128), halves away from zero. */
export const Exact = Decimal.clone({ precision: 34, rounding: Decimal.ROUND_HALF_UP })

/** An exact amount or rate. */
export type Exact = Decimal

/** An amount rounded to the currency's smallest unit. */
export function toMinorUnit(amount: Exact, currency: string): Exact {
  return amount.toDecimalPlaces(minorDigits(currency))
}

/** The sum of amounts. */
export function total(amounts: readonly Exact[]): Exact {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Exact(0))
}

/** Decimal places of a currency by ISO 4217: 2 for EUR and CNY, 0 for JPY; 2 where it isn't known. */
function minorDigits(currency: string): number {
  try {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    return maximumFractionDigits ?? 2
  } catch {
    return 2
  }
}
