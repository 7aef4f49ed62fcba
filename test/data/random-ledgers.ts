/** Ledgers with everything that can come crosswise: late records, reversals, instalments agreed late or cancelled. */

import fc from 'fast-check'
import type { DatedInstalment, DatedPayment } from '../../data/index.ts'

/** Days in which all begins. */
export const days = 120
const day = fc.integer({ min: 0, max: days })
const later = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), day)

/** Instalments by due date; half of the accounts issue statements. */
export const randomInstalments = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.record({ dueOn: day, cents: fc.integer({ min: 0, max: 50 }), issued: day, lasts: later }), {
      maxLength: 8,
    }),
  )
  .map(([line, rows]) =>
    rows
      .map(({ dueOn, cents, issued, lasts }, place): DatedInstalment => {
        const issuedOn = place % 2 === 0 ? 0 : issued
        return {
          id: `i${place}`,
          dueOn,
          cents,
          issuedOn,
          cancelledOn: issuedOn + lasts,
          balance: line ? 4 * cents : Number.NaN,
        }
      })
      .sort((a, b) => a.dueOn - b.dueOn),
  )

/** Payments by date. */
export const randomPayments = fc
  .array(
    fc.record({
      paidOn: day,
      lag: fc.constantFrom(0, 0, 0, 5, 40),
      lasts: later,
      cents: fc.integer({ min: 0, max: 90 }),
      instalment: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 7 })),
      failed: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 12 },
  )
  .map(rows =>
    rows
      .map(({ paidOn, lag, lasts, cents, instalment, failed }, place): DatedPayment => {
        const recordedOn = paidOn + lag
        const reversedOn = place % 3 === 0 ? recordedOn + lasts : Number.POSITIVE_INFINITY
        const attempt = { channel: place % 2 === 0 ? 'card' : 'cash', bank: null, hour: Number.NaN }
        return { id: `p${place}`, paidOn, recordedOn, reversedOn, cents, instalment, failed, ...attempt }
      })
      .sort((a, b) => a.paidOn - b.paidOn),
  )
