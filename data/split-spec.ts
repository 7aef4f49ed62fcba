/** How rows are divided into training and test, as data: a data set can bring its own protocol. */

import { z } from 'zod'
import { monthText } from './contracts.ts'

/** First and last as-of month, both included. */
const monthRange = z.strictObject({ from: monthText, to: monthText })

/**
 * Divides as-of months and borrowers.
 *
 * By time and borrower: test months lie after training months, whose performance windows end before them, and held-out
 * borrowers are in no training row. By folds: the folds of a `folds` file, for data without time.
 */
export const splitSpecSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('time-and-borrower'),
      /** As-of months to train on; left out, all of which a month of the performance window is known when the test begins. */
      trainMonths: monthRange.optional(),
      /** As-of months to test on; left out, the last ones whose performance window is complete. */
      testMonths: monthRange.optional(),
      /** Share of borrowers kept out of training, drawn by a hash of their id; unused where `holdOutFold` is given. */
      holdOutShare: z.number().min(0).max(0.9).default(0.2),
      /** Fold (of the `folds` file) whose accounts' borrowers are kept out of training. */
      holdOutFold: z.int().min(0).optional(),
      /** Test on all borrowers, or on held-out ones only; held-out ones are always reported apart as `unseen`. */
      testOn: z.enum(['all', 'held-out']).default('held-out'),
    }),
    z.strictObject({
      kind: z.literal('folds'),
      testFold: z.int().min(0).default(0),
    }),
  ])
  .meta({ id: 'SplitSpec' })

/** How rows are divided into training and test. */
export type SplitSpec = z.infer<typeof splitSpecSchema>

/** The default: later months and unseen borrowers. */
export const defaultSplitSpec: SplitSpec = splitSpecSchema.parse({ kind: 'time-and-borrower' })
