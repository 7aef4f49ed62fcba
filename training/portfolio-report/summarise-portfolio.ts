/** Streams a data set once through every table of the portfolio report. */

import { formatDay, formatMonth, type HistoryBlock } from '../../data/index.ts'
import type { Dataset } from '../../data/sources/index.ts'
import { type ProductKind, type RulePack, readRulePacks } from '../../models/index.ts'
import { type ClassTable, ClassTables } from './class-tables.ts'
import { Concentration, type ConcentrationTable } from './concentration.ts'
import { type CureRate, Cures } from './cures.ts'
import { RollRates, type RollRateTables } from './roll-rates.ts'
import { Vintages, type VintageTables } from './vintages.ts'

/** What `harbinger portfolio` saves as JSON. */
export interface PortfolioReport {
  readonly format: 1
  readonly dataset: {
    readonly name: string
    readonly fingerprint: string
    readonly dataCutOn: string
    readonly calendar: string
    readonly currency: string
  }
  /** The last month that had ended by the data cut. */
  readonly month: string
  readonly borrowers: number
  readonly accounts: number
  readonly accountMonths: number
  readonly rollRates: RollRateTables
  readonly vintages: VintageTables
  readonly classes: readonly ClassTable[]
  readonly cures: readonly CureRate[]
  readonly concentration: readonly ConcentrationTable[]
  /** Hours in which debits of one bank failed together: what they left overdue is technical. Needs payments' banks. */
  readonly outages: readonly PortfolioOutage[]
}

/** An outage that the payments show. */
export interface PortfolioOutage {
  readonly day: string
  readonly bank: string | null
  readonly channel: string | null
  /** First and last hour, both included; null where hours aren't known. */
  readonly hours: readonly [number, number] | null
  readonly attempts: number
  readonly failures: number
  /** Failures at the bank's and channel's usual rate. */
  readonly expected: number
}

/** How to summarise. */
export interface SummariseOptions {
  /** Rule packs; left out, those that ship. */
  readonly packs?: readonly RulePack[]
  /** Products that are lines; left out, accounts of which instalments to come aren't known are. */
  readonly lines?: readonly string[]
  /** Borrowers done so far. */
  readonly onProgress?: (borrowers: number) => void
}

/** Makes the report of a data set. Memory doesn't grow with it, but for the contacts that it may bring. */
export async function summarisePortfolio(dataset: Dataset, options: SummariseOptions = {}): Promise<PortfolioReport> {
  const { description, fingerprint, lastMonth } = dataset
  const rollRates = new RollRates(lastMonth)
  const vintages = new Vintages(lastMonth)
  const cures = new Cures(lastMonth, await dataset.contacts())
  const classes = new ClassTables(
    lastMonth,
    options.packs ?? readRulePacks(),
    description.currency,
    productKinds(options.lines),
  )
  const concentration = new Concentration(lastMonth)
  let [borrowers, accounts, accountMonths] = [0, 0, 0]
  for await (const block of dataset.blocks()) {
    const { history } = block
    rollRates.add(history)
    vintages.add(block)
    cures.add(history)
    classes.add(history)
    concentration.add(history)
    borrowers += history.borrowerIds.length
    accounts += history.accountIds.length
    accountMonths += history.observed.reduce((sum, seen) => sum + seen, 0)
    options.onProgress?.(borrowers)
  }
  return {
    format: 1,
    dataset: {
      name: description.name,
      fingerprint,
      dataCutOn: description.dataCutOn,
      calendar: description.calendar,
      currency: description.currency,
    },
    month: formatMonth(lastMonth),
    borrowers,
    accounts,
    accountMonths,
    rollRates: rollRates.result(),
    vintages: vintages.result(),
    classes: classes.result(),
    cures: cures.result(),
    concentration: concentration.result(),
    outages: (await dataset.outages()).map(({ day, ...outage }) => ({ day: formatDay(day), ...outage })),
  }
}

/** Tells loans from lines: by the products named, or by whether instalments to come were ever known. */
function productKinds(lines: readonly string[] | undefined): (history: HistoryBlock, account: number) => ProductKind {
  if (lines !== undefined) {
    const named = new Set(lines)
    return (history, account) => (named.has(history.categoryFacts.product.at(account) ?? '') ? 'line' : 'loan')
  }
  return ({ accountStart, numbers: { instalmentsLeft } }, account) => {
    const end = accountStart[account + 1] as number
    for (let row = accountStart[account] as number; row < end; row += 1) {
      if (!Number.isNaN(instalmentsLeft[row])) return 'loan'
    }
    return 'line'
  }
}
