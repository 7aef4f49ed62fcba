/** A small ledger on disk, to be broken in one way per test. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The files of a data set without fault, as text. */
export const goodFiles = {
  'borrowers.csv': 'borrowerId,bornOn,income\nB1,1990-05-17,24000\nB2,,\n',
  'accounts.csv':
    'accountId,borrowerId,openedOn,creditLimit,product\nA1,B1,2024-01-05,1200,loan\nA2,B1,2024-02-05,600,loan\nA3,B2,2024-01-20,900,loan\n',
  'instalments.csv':
    'accountId,instalmentId,dueOn,amountDue\nA1,i1,2024-02-10,100\nA1,i2,2024-03-10,100\nA2,i1,2024-03-15,50\nA3,i1,2024-02-20,75.5\n',
  'payments.csv':
    'accountId,paymentId,paidOn,recordedOn,amount,instalmentId,channel,outcome\nA1,p1,2024-02-10,2024-02-11,100,i1,transfer,paid\nA2,p1,2024-03-20,,50,,auto-debit,paid\nA3,p1,2024-02-20,,75.5,,auto-debit,failed\n',
} as const

/** The description of that data set. */
export const goodDescription = {
  format: 1,
  name: 'small',
  currency: 'EUR',
  dataCutOn: '2024-04-30',
  grain: 'ledger',
  tables: {
    borrowers: { path: 'borrowers.csv' },
    accounts: { path: 'accounts.csv' },
    instalments: { path: 'instalments.csv' },
    payments: { path: 'payments.csv' },
  },
}

/** Writes a data set into a new temporary folder, whose name has a quote and a space in it. */
export function datasetFolder(
  files: Readonly<Record<string, string>> = {},
  description: object = goodDescription,
): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'harbinger-data-')), "lender's data")
  mkdirSync(folder)
  for (const [name, text] of Object.entries({ ...goodFiles, ...files })) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(description))
  return folder
}
