/** The whole face of `data/`: pure, without DuckDB (that is `data/sources/index.ts`, for the trainer only). */

export {
  addLedgerBorrower,
  addMonthlyBorrower,
  type LoweringContext,
  type MonthlyAccount,
} from './account-months.ts'
export {
  type Allocation,
  allocatePayments,
  type DatedInstalment,
  type DatedPayment,
  isKnown,
  type PaymentVisitor,
  stands,
} from './allocation.ts'
export {
  addMonths,
  type Day,
  dayAt,
  dayOf,
  formatDay,
  formatMonth,
  lastEndedMonth,
  type Month,
  millisecondsPerDay,
  monthEnd,
  monthOf,
  monthStart,
  parseDay,
  parseMonth,
  toDay,
  toMonth,
} from './calendar.ts'
export { canonicalJson, contentHash } from './canonical-json.ts'
export { Categories, CategoryFiller, noCategory } from './categories.ts'
export {
  type AccountState,
  accountStateNames,
  accountStates,
  type CategoryFactName,
  categoryFactNames,
  categoryFacts,
  type DateFactName,
  dateFactNames,
  dateFacts,
  type EconomyColumnName,
  economyColumnNames,
  type NumberColumnName,
  type NumberFactName,
  numberColumnNames,
  numberColumns,
  numberFactNames,
  numberFacts,
} from './columns.ts'
export {
  type Account,
  type AccountMonth,
  accountMonthSchema,
  accountSchema,
  type Borrower,
  borrowerSchema,
  type Contact,
  contactSchema,
  dateText,
  type EconomyMonth,
  economyMonthSchema,
  type Instalment,
  identifierText,
  instalmentSchema,
  type LedgerAccount,
  monthText,
  type Payment,
  paymentSchema,
} from './contracts.ts'
export { type DatasetDescription, datasetDescriptionSchema, type TableName } from './dataset-description.ts'
export { type DatedLedger, datedLedger } from './dated-ledger.ts'
export { daysPastDue, worstDaysPastDue } from './delinquency.ts'
export { type Economy, economyAsOf } from './economy.ts'
export { describeProblem, InputError, type InputProblem } from './errors.ts'
export {
  type AccountFacts,
  type FactColumns,
  type HistoryBlock,
  HistoryBuilder,
  type LabelledHistory,
  type MonthNumbers,
  type OutcomeBlock,
} from './history.ts'
export { defaultLabelSpec, type LabelSpec, labelHash, labelSpecSchema } from './label-spec.ts'
export {
  type AttemptCount,
  defaultOutageRule,
  type FoundOutage,
  failedTechnically,
  findOutages,
  isAttemptFor,
  type Outage,
  type OutageRule,
} from './outages.ts'
export { type Random, random, shuffle, stableFraction } from './random.ts'
export { exitCodes, runProgram } from './run-program.ts'
export { defaultSplitSpec, type SplitSpec, splitSpecSchema } from './split-spec.ts'
