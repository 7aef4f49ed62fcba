/** A whole portfolio, borrower by borrower: stress takes its course, accounts open, live and close. */

import {
  type Borrower,
  type Contact,
  type LedgerAccount,
  type Month,
  monthEnd,
  monthOf,
  monthStart,
  type Random,
  random,
} from '../index.ts'
import { type AccountTerms, type Circumstances, SimulatedAccount } from './account.ts'
import { drawBank } from './banks.ts'
import { drawPerson, type SimulatedPerson } from './borrower.ts'
import { firstMonthOf, type SimulatedTreatment, type SimulationOptions, simulateRegimes } from './economy.ts'
import { nextStress, type Regime, type Stress } from './stress.ts'
import { truePd } from './truth.ts'

/** The true PD of one account at one month's end. */
export interface TrueProbability {
  readonly accountId: string
  readonly month: Month
  /** PD(1…6). */
  readonly pd: readonly number[]
}

/** A borrower with everything that the lender recorded, and what only the simulator knows. */
export interface SimulatedBorrower {
  readonly borrower: Borrower
  readonly accounts: readonly LedgerAccount[]
  /** Contacts of the treatment, by account; same order as `accounts`. */
  readonly contacts: readonly (readonly Contact[])[]
  /** For months in which an account is open and less than 30 days past due. */
  readonly truth: readonly TrueProbability[]
}

/** Horizons of the truth. */
export const truthHorizonMonths = 6

/** Accounts open at once, at most. */
const accountsAtMost = 5

/** Monthly chance of a further account, by stress: strain borrows. */
const furtherAccount = [0.012, 0.035, 0.045] as const

/** Chance of borrowing again after an account has ended. */
const borrowsAgain = 0.12

const partners = ['Alder Finance', 'Birch Bank', 'Cedar Credit', 'Dogwood Loans'] as const
const channels = ['app', 'web', 'partner-shop', 'branch'] as const
const terms = [6, 9, 12, 18, 24] as const

/** Simulates borrowers one by one; a borrower's stream depends on the seed and its number alone. */
export function* simulateBorrowers(options: SimulationOptions): Generator<SimulatedBorrower> {
  const regimes = simulateRegimes(options)
  for (let number = 1; number <= options.borrowers; number += 1) yield simulateBorrower(options, number, regimes)
}

function simulateBorrower(options: SimulationOptions, number: number, regimes: readonly Regime[]): SimulatedBorrower {
  const first = firstMonthOf(options)
  const dataCutOn = monthEnd(first + options.months - 1)
  const source = random(options.seed, 'borrower', number)
  const stressSource = random(options.seed, 'stress', number)
  const borrowerId = `B${String(number).padStart(7, '0')}`
  const person = drawPerson(borrowerId, first, source)
  const latest = Math.max(1, options.months - 4)
  const start = first + (source.chance(0.65) ? source.integer(Math.min(6, latest)) : source.integer(latest))
  const further = source.chance(0.35) ? 1 + source.integer(2) : 0
  const bank = options.outages ? drawBank(options, number) : undefined
  const treatment = options.treatment?.arm(borrowerId) === 'treated' ? options.treatment : undefined
  const circumstances = (place: number): Circumstances => ({
    ...(bank === undefined ? {} : { bank }),
    ...(treatment === undefined
      ? {}
      : {
          treatment: {
            prevented: treatment.prevented,
            fromMonth: treatment.fromMonth ?? first,
            source: random(options.seed, 'treatment', number, place),
          },
        }),
  })

  const accounts: SimulatedAccount[] = []
  const truth: TrueProbability[] = []
  let stress = drawStress(stressSource, [0.86, 0.1, 0.04])
  for (let place = 0; place < options.months; place += 1) {
    const month = first + place
    const regime = regimes[place] as Regime
    if (place > 0) stress = drawStress(stressSource, nextStress(stress, regime, person.vulnerability))
    for (const account of accounts) account.month(month, stress)
    openAccounts(accounts, {
      month,
      start,
      further,
      stress,
      person,
      borrowerId,
      source,
      seed: options.seed,
      number,
      circumstances,
    })
    truth.push(...truthAt(accounts, month, regime, stress, person, treatment))
  }
  return {
    borrower: person.borrower,
    accounts: accounts.map(account => account.ledger(dataCutOn)),
    contacts: accounts.map(account => account.contacts(dataCutOn)),
    truth,
  }
}

function drawStress(source: Random, probabilities: readonly [number, number, number]): Stress {
  const left = source.uniform()
  if (left < probabilities[0]) return 0
  return left < probabilities[0] + probabilities[1] ? 1 : 2
}

/** Opens the accounts of a month: those the borrower starts with, a further one, or one after another has ended. */
function openAccounts(
  accounts: SimulatedAccount[],
  at: {
    month: Month
    start: Month
    further: number
    stress: Stress
    person: SimulatedPerson
    borrowerId: string
    source: Random
    seed: number
    number: number
    circumstances: (place: number) => Circumstances
  },
): void {
  if (at.month < at.start) return
  const open = accounts.filter(account => !account.over).length
  const chance = furtherAccount[at.stress] + (open === 0 ? borrowsAgain : 0)
  const wanted = at.month === at.start ? 1 + at.further : open < accountsAtMost && at.source.chance(chance) ? 1 : 0
  for (let count = 0; count < wanted; count += 1) {
    const place = accounts.length + 1
    const source = random(at.seed, 'account', at.number, place)
    accounts.push(new SimulatedAccount(drawTerms(at, place), at.person, source, at.circumstances(place)))
  }
}

function drawTerms(
  at: { month: Month; person: SimulatedPerson; borrowerId: string; source: Random },
  place: number,
): AccountTerms {
  const { source } = at
  const line = source.chance(0.3)
  const income = at.person.income / 12
  const size = (line ? 1.5 : 1) * income * (0.5 + 1.5 * source.uniform())
  return {
    accountId: `${at.borrowerId}-${place}`,
    kind: line ? 'line' : 'loan',
    openedOn: monthStart(at.month) + source.integer(25),
    cents: Math.round(size / 10) * 1000,
    instalments: line ? Number.POSITIVE_INFINITY : (terms[source.integer(terms.length)] as number),
    channel: channels[source.integer(channels.length)] as string,
    fundingPartner: partners[source.integer(partners.length)] as string,
  }
}

function truthAt(
  accounts: readonly SimulatedAccount[],
  month: Month,
  regime: Regime,
  stress: Stress,
  person: SimulatedPerson,
  treatment: SimulatedTreatment | undefined,
): TrueProbability[] {
  const asOf = monthEnd(month)
  const dueOn = monthStart(month) + person.dueDay - 1
  return accounts.flatMap(account => {
    if (!account.isOpenOn(asOf)) return []
    const daysPastDue = account.daysPastDueOn(asOf)
    if (daysPastDue >= 30) return []
    const pendingDays = daysPastDue > 0 && monthOf(account.terms.openedOn) < month ? asOf - dueOn : null
    const state = {
      regime,
      stress,
      vulnerability: person.vulnerability,
      forgetful: person.forgetful,
      pendingDays,
      monthOfYear: ((month % 12) + 12) % 12,
      instalmentsLeft: account.instalmentsLeft,
      settles: account.terms.kind === 'loan',
      prevented: treatment?.prevented ?? 0,
      treatedFrom: (treatment?.fromMonth ?? month) - month,
    }
    return [{ accountId: account.terms.accountId, month, pd: truePd(state, truthHorizonMonths) }]
  })
}
