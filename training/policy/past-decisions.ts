/** The account-months of a past portfolio as a policy sees them, with what became of them. */

import {
  type HistoryBlock,
  InputError,
  type LabelledHistory,
  type Month,
  millisecondsPerDay,
  monthEnd,
} from '../../data/index.ts'
import type { Dataset } from '../../data/sources/index.ts'
import { type Model, populationStatus } from '../../models/index.ts'
import { labelPopulation } from '../population.ts'

/** One account at one month's end. */
export interface PastCase {
  readonly borrowerId: string
  readonly accountId: string
  readonly month: Month
  /** PD(1…H); null beyond what the model predicts. */
  readonly pd: readonly number[] | null
  readonly daysPastDue: number
  readonly exposure: number
  /** Part payments in the last three months. */
  readonly partialPayments: number
  readonly reasonFamily: string | null
  readonly product: string | null
  /** 1…H: months until the event; 0: none was seen; null: nobody knows, or it isn't in the model's population. */
  readonly eventMonth: number | null
}

/** Months by whose part payments a borrower shows that it pays what it can. */
const partialPaymentMonths = 3

/**
 * Reads and scores a past portfolio, every account at every month's end; all of it is held in memory.
 *
 * @param from - First as-of month.
 * @param to - Last as-of month.
 * @throws InputError if no account of the portfolio can be scored in these months.
 */
export async function readPastCases(
  dataset: Dataset,
  model: Model,
  from: Month,
  to: Month,
  onProgress: (rows: number) => void = () => {},
): Promise<PastCase[]> {
  const { label } = model.manifest
  if (label.given) {
    throw new InputError({
      source: 'model',
      field: 'label.given',
      found: 'true',
      expected: 'a model whose event is told from days past due: what became of an account must be known by month',
      rule: 'label-given',
    })
  }
  const cases: PastCase[] = []
  for await (const block of dataset.blocks()) {
    casesOf(model, block, from, to, cases)
    onProgress(cases.length)
  }
  if (!cases.some(({ pd }) => pd !== null)) {
    throw new InputError({
      source: 'portfolio',
      expected: 'accounts that can be scored in the months asked for',
      rule: 'nothing-to-score',
    })
  }
  return cases.sort((a, b) => a.month - b.month)
}

function casesOf(model: Model, block: LabelledHistory, from: Month, to: Month, cases: PastCase[]): void {
  const { history } = block
  const { label } = model.manifest
  const places: { row: number; borrower: number; account: number; scored: boolean }[] = []
  let borrower = 0
  for (let account = 0; account + 1 < history.accountStart.length; account += 1) {
    while ((history.borrowerStart[borrower + 1] as number) <= account) borrower += 1
    for (
      let row = history.accountStart[account] as number;
      row < (history.accountStart[account + 1] as number);
      row += 1
    ) {
      const month = history.month[row] as number
      if (month < from || month > to) continue
      const status = populationStatus(label, history, row)
      if (status === 'scored' || status === 'overdue')
        places.push({ row, borrower, account, scored: status === 'scored' })
    }
  }
  const rows = Int32Array.from(places.flatMap(({ row, scored }) => (scored ? [row] : [])))
  const scores = rows.length === 0 ? null : model.score(history, rows, 1)
  const labelled = labelPopulation(label, block)
  const eventOf = new Map(Array.from(labelled.rows, (row, place) => [row, labelled.eventMonth[place] as number]))
  let at = 0
  for (const { row, borrower: who, account, scored } of places) {
    const place = scored ? at++ : -1
    cases.push({
      borrowerId: history.borrowerIds[who] ?? '',
      accountId: history.accountIds[account] ?? '',
      month: history.month[row] as number,
      pd: scored && scores !== null ? scores.pd.map(column => column[place] as number) : null,
      daysPastDue: history.numbers.daysPastDue[row] as number,
      exposure: exposureOf(history, row),
      partialPayments: partialPayments(history, account, row),
      reasonFamily: (scored ? scores?.reasons[place]?.[0]?.family : undefined) ?? null,
      product: history.categoryFacts.product.at(account),
      eventMonth: scored ? (eventOf.get(row) ?? null) : null,
    })
  }
}

/** What is owed at a month's end; where no balance is known, what is overdue. */
function exposureOf({ numbers }: HistoryBlock, row: number): number {
  const balance = numbers.balance[row] as number
  if (!Number.isNaN(balance)) return Math.max(0, balance)
  const arrears = numbers.arrears[row] as number
  return Number.isNaN(arrears) ? 0 : arrears
}

function partialPayments({ numbers, accountStart }: HistoryBlock, account: number, row: number): number {
  const first = Math.max(accountStart[account] as number, row - partialPaymentMonths + 1)
  let sum = 0
  for (let month = first; month <= row; month += 1) sum += numbers.partialPayments[month] || 0
  return sum
}

/** The instant of a month's decisions: its last day at noon, UTC. */
export function decidedAt(month: Month): number {
  return (monthEnd(month) + 0.5) * millisecondsPerDay
}
