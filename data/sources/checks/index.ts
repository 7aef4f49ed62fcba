/** All rules on a data set, in the order in which they are checked. */

import { dateRules } from './dates.ts'
import { relationRules } from './relations.ts'
import type { Rule } from './rule.ts'
import { valueRules } from './values.ts'

export { type CheckContext, type CheckedTable, hasColumns, type Rule, type RuleQuery } from './rule.ts'

/** Rules on rows. Those on whole files are in {@link fileRules}. */
export const rules: readonly Rule[] = [...valueRules, ...relationRules, ...dateRules]

/** Rules on whole files, which always stop the run: name → what it demands. */
export const fileRules = {
  'missing-description': 'The folder holds a dataset.json that fits its schema.',
  'missing-file': 'Every file that dataset.json names can be read.',
  'missing-table': 'A ledger has accounts, instalments and payments; account-months have their table.',
  'missing-column': 'Every required column is in its file, under our name or the name that dataset.json maps.',
  'empty-file': 'Every file has at least one row.',
  'unreadable-file': 'Every file is CSV (.csv, .csv.gz) or Parquet (.parquet), whole and uncut.',
} as const

/** The rule on rows that the reader itself checks. */
export const rowRules = {
  'cut-off-row': 'Every row of a CSV file has as many columns as the header, and every quote is closed.',
} as const
