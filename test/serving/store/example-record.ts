/** Journal records for tests of the store. */

import type { JournalRecord } from '../../../serving/store/journal-format.ts'

/** A decision's id by number. */
export const decisionId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** What was answered under a number: one account scored, one overdue. */
function exampleAnswer(number: number): object {
  return {
    requestId: `request-${number}`,
    decisionId: decisionId(number),
    model: {
      name: 'small',
      version: 3,
      manifestHash: 'm'.repeat(64),
      featureHash: 'f'.repeat(16),
      labelHash: 'l'.repeat(16),
    },
    asOf: '2024-03-31',
    scoredMonth: '2024-03',
    borrowerId: `borrower-${number}`,
    accounts: [
      {
        accountId: `account-${number}`,
        population: 'scored',
        pd: [
          { months: 1, probability: 0.1 },
          { months: 2, probability: 1 / 3 },
        ],
        reasons: [],
      },
      { accountId: `late-${number}`, population: 'overdue', pd: null, reasons: [] },
    ],
  }
}

/** A record of the journal by number. */
export function exampleRecord(number: number, decidedAt = '2024-04-01T08:00:00.123Z'): JournalRecord {
  return {
    head: { id: decisionId(number), decidedAt, caller: 'key-1', route: '/v1/scores' },
    request: Buffer.from(`{"asOf": "2024-03-31", "number": ${number}}`),
    answer: Buffer.from(JSON.stringify(exampleAnswer(number))),
  }
}
