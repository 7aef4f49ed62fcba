/** Scores a whole portfolio at one as-of month with a saved model: the night job's half of the same scoring path. */

import { formatMonth, type HistoryBlock, type Month } from '../data/index.ts'
import type { Dataset } from '../data/sources/index.ts'
import { type Model, populationStatus, type Reason } from '../models/index.ts'

/** The score of one account. */
export interface AccountScore {
  readonly borrowerId: string
  readonly accountId: string
  /** As-of month, `YYYY-MM`. */
  readonly month: string
  /** PD(1…H), in [0, 1]. */
  readonly pd: readonly number[]
  readonly reasons: readonly Reason[]
}

/**
 * Scores every account of the model's population at a month, streaming.
 *
 * @param month - As-of month; left out, the data set's last.
 * @param reasonsPerRow - How many reasons per account.
 */
export async function* scorePortfolio(
  dataset: Dataset,
  model: Model,
  month: Month = dataset.lastMonth,
  reasonsPerRow = 0,
): AsyncGenerator<AccountScore> {
  for await (const { history } of dataset.blocks()) {
    const { rows, borrowers, accounts } = rowsAt(history, month, model)
    if (rows.length === 0) continue
    const scores = model.score(history, rows, reasonsPerRow)
    for (let row = 0; row < rows.length; row += 1) {
      yield {
        borrowerId: history.borrowerIds[borrowers[row] as number] ?? '',
        accountId: history.accountIds[accounts[row] as number] ?? '',
        month: formatMonth(month),
        pd: scores.pd.map(column => column[row] as number),
        reasons: scores.reasons[row] ?? [],
      }
    }
  }
}

function rowsAt(
  history: HistoryBlock,
  month: Month,
  model: Model,
): { rows: Int32Array; borrowers: number[]; accounts: number[] } {
  const rows: number[] = []
  const borrowers: number[] = []
  const accounts: number[] = []
  let borrower = 0
  for (let account = 0; account + 1 < history.accountStart.length; account += 1) {
    while ((history.borrowerStart[borrower + 1] as number) <= account) borrower += 1
    const first = history.accountStart[account] as number
    const row = first + month - (history.month[first] ?? Number.NaN)
    if (!(row >= first && row < (history.accountStart[account + 1] as number))) continue
    if (populationStatus(model.manifest.label, history, row) !== 'scored') continue
    rows.push(row)
    borrowers.push(borrower)
    accounts.push(account)
  }
  return { rows: Int32Array.from(rows), borrowers, accounts }
}
