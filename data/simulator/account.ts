/** One account of a simulation: its schedule, how each instalment is paid given stress, and what follows from that. */

import {
  type Contact,
  type Day,
  formatDay,
  type Instalment,
  type LedgerAccount,
  type Month,
  monthEnd,
  monthOf,
  monthStart,
  type Payment,
  type Random,
} from '../index.ts'
import type { SimulatedBank } from './banks.ts'
import type { SimulatedPerson } from './borrower.ts'
import { type DelayClass, delayDays, delayProbabilities, earlySettlement, type Stress } from './stress.ts'

/** What an account is, before anything is paid. */
export interface AccountTerms {
  readonly accountId: string
  readonly kind: 'loan' | 'line'
  readonly openedOn: Day
  /** Amount financed, or limit, in hundredths. */
  readonly cents: number
  /** Instalments of a loan; Infinity for a line. */
  readonly instalments: number
  readonly channel: string
  readonly fundingPartner: string
}

/** Share of missed instalments after which nothing is paid any more, by stress. */
const defaultShare = [0.02, 0.06, 0.14] as const

interface OpenInstalment {
  readonly instalment: Instalment
  readonly dueOn: Day
  readonly cents: number
  /** Day on which it is fully paid; Infinity if never. */
  readonly settledOn: Day
  /** Day on which it was replaced; Infinity if never. */
  cancelledOn: Day
}

/** Monthly interest of loans and lines. */
const monthlyRate = 0.015

/** Days of a missed instalment until it is paid after all, first and last. */
const missedDays = [31, 80] as const

/** Days past due on which the treated are contacted. */
const treatedAfterDays = 3

/** Days past due at which a defaulted account is written off. */
const writeOffDays = 150

/** Chances that don't depend on how late an instalment is, so that they tell nothing of what is still open. */
const chance = {
  partial: 0.25,
  failedDebit: 0.75,
  technicalFailure: 0.12,
  reversed: 0.04,
  backPosted: 0.08,
  otherChannel: 0.12,
  restructured: 0.2,
} as const

/** What comes to an account from outside. Its random numbers are streams of their own: without it nothing else changes. */
export interface Circumstances {
  /** The bank that debits are drawn on, and what it does. */
  readonly bank?: SimulatedBank
  readonly treatment?: { readonly prevented: number; readonly fromMonth: Month; readonly source: Random }
}

/**
 * An account as it lives through the months. Call {@link month} for each month after the opening one, then
 * {@link ledger}.
 */
export class SimulatedAccount {
  readonly terms: AccountTerms
  readonly #person: SimulatedPerson
  readonly #random: Random
  readonly #instalments: OpenInstalment[] = []
  readonly #payments: Payment[] = []
  #closedOn: Day | null = null
  #closeReason: LedgerAccount['closeReason'] = null
  #defaulted = false
  #left: number
  #utilisation: number
  #restructured = false
  #restructureOn: Day = Number.POSITIVE_INFINITY
  #payOffOn: Day = Number.NEGATIVE_INFINITY
  readonly #circumstances: Circumstances
  readonly #contacts: Contact[] = []

  constructor(terms: AccountTerms, person: SimulatedPerson, source: Random, circumstances: Circumstances = {}) {
    this.terms = terms
    this.#person = person
    this.#random = source
    this.#circumstances = circumstances
    this.#left = terms.instalments
    this.#utilisation = 0.1 + 0.4 * source.uniform()
    if (terms.kind === 'loan')
      this.#schedule(monthOf(terms.openedOn) + 1, terms.openedOn, terms.cents, terms.instalments)
  }

  /** Instalments still to fall due after a month that has been lived through. */
  get instalmentsLeft(): number {
    return this.#left
  }

  /** True once it is closed, or will be when its last payment arrives: nothing more can fall due. */
  get over(): boolean {
    return this.#closedOn !== null
  }

  /** Is anything owed at a day's end? A line always is open. */
  isOpenOn(day: Day): boolean {
    if (this.terms.kind === 'line') return day < (this.#closedOn ?? Number.POSITIVE_INFINITY)
    return (
      day < this.#payOffOn ||
      this.#instalments.some(({ settledOn, cancelledOn }) => settledOn > day && cancelledOn > day)
    )
  }

  /** True days past due, whatever was recorded when. */
  daysPastDueOn(day: Day): number {
    const oldest = this.#instalments.find(
      ({ settledOn, cancelledOn, dueOn }) => dueOn < day && settledOn > day && cancelledOn > day,
    )
    return oldest === undefined ? 0 : day - oldest.dueOn
  }

  /** Lives through one month. */
  month(month: Month, stress: Stress): void {
    if (this.over) return
    const dueOn = monthStart(month) + this.#person.dueDay - 1
    if (this.terms.kind === 'line') this.#bill(dueOn, stress)
    const due = this.#instalments.findIndex(owed => owed.dueOn === dueOn && owed.cancelledOn > dueOn)
    if (due !== -1) this.#fallDue(due, month, stress)
    if (this.#restructureOn <= monthEnd(month)) this.#restructure()
    if (this.#defaulted) this.#writeOffWhenDue(month)
    else if (this.terms.kind === 'loan' && this.#left === 0) this.#closeWhenPaid()
  }

  /** The account as the lender knew it on the last day of the data. */
  ledger(dataCutOn: Day): LedgerAccount {
    const until = (day: Day): string | null => (day <= dataCutOn ? formatDay(day) : null)
    const known = (text: string | null | undefined): string | null =>
      text !== null && text !== undefined && text <= formatDay(dataCutOn) ? text : null
    const { terms } = this
    const closedOn = this.#closedOn === null ? null : until(this.#closedOn)
    return {
      accountId: terms.accountId,
      openedOn: formatDay(terms.openedOn),
      closedOn,
      closeReason: closedOn === null ? null : this.#closeReason,
      creditLimit: terms.cents / 100,
      product: terms.kind === 'loan' ? 'instalment-loan' : 'credit-line',
      channel: terms.channel,
      fundingPartner: terms.fundingPartner,
      instalments: this.#instalments
        .filter(({ instalment }) => (instalment.issuedOn ?? '') <= formatDay(dataCutOn))
        .map(({ instalment, cancelledOn }) => ({ ...instalment, cancelledOn: until(cancelledOn) })),
      payments: this.#payments
        .filter(payment => known(payment.recordedOn) !== null)
        .map(payment => ({ ...payment, reversedOn: known(payment.reversedOn) })),
    }
  }

  #fallDue(place: number, month: Month, stress: Stress): void {
    this.#left -= 1
    const owed = this.#instalments[place] as OpenInstalment
    const drawn = this.#defaulted ? 'missed' : this.#drawDelay(month, stress)
    const delay = this.#treat(owed, month, drawn)
    if (this.#failsInOutage(owed, delay)) {
      this.#payAfterOutage(place, owed)
      return
    }
    if (delay === 'missed') {
      this.#miss(place, owed, stress)
      return
    }
    this.#pay(place, owed, delay, owed.dueOn + this.#drawDays(delay))
    const settles = this.terms.kind === 'loan' && delay === 'on-time' && this.#random.chance(earlySettlement[stress])
    if (settles && this.daysPastDueOn(owed.dueOn) === 0) this.#settle(owed.dueOn)
  }

  /** The treated are contacted when an instalment is about to be missed; some then pay it late, but not so late. */
  #treat(owed: OpenInstalment, month: Month, delay: DelayClass): DelayClass {
    const { treatment } = this.#circumstances
    if (treatment === undefined || delay !== 'missed' || this.#defaulted || month < treatment.fromMonth) return delay
    this.#contacts.push({
      contactId: `${this.terms.accountId}-c${this.#contacts.length + 1}`,
      contactedOn: formatDay(owed.dueOn + treatedAfterDays),
      channel: 'call',
      reached: 1,
    })
    return treatment.source.chance(treatment.prevented) ? 'medium' : delay
  }

  /** A debit that would have come through on time fails while its bank is down. */
  #failsInOutage(owed: OpenInstalment, delay: DelayClass): boolean {
    const { bank } = this.#circumstances
    return bank !== undefined && this.#person.autoDebit && delay === 'on-time' && bank.isDownOn(owed.dueOn)
  }

  /** Paid by hand one to three days later: before the month ends, so no event hangs on it. */
  #payAfterOutage(place: number, owed: OpenInstalment): void {
    const paidOn = owed.dueOn + 1 + (owed.dueOn % 3)
    this.#record(owed, owed.dueOn, owed.dueOn, owed.cents, 'auto-debit', 'failed')
    this.#record(owed, paidOn, paidOn, owed.cents, 'transfer', 'paid', true)
    this.#instalments[place] = { ...owed, settledOn: paidOn }
  }

  /** Contacts of a treatment up to the last day of the data. */
  contacts(dataCutOn: Day): Contact[] {
    return this.#contacts.filter(({ contactedOn }) => contactedOn <= formatDay(dataCutOn))
  }

  #schedule(firstDue: Month, issuedOn: Day, cents: number, count: number): void {
    const annuity = Math.round((cents * monthlyRate) / (1 - (1 + monthlyRate) ** -count))
    for (let place = 0; place < count; place += 1) {
      const dueOn = monthStart(firstDue + place) + this.#person.dueDay - 1
      this.#instalments.push({
        instalment: {
          instalmentId: `${this.terms.accountId}-${this.#instalments.length + 1}`,
          dueOn: formatDay(dueOn),
          amountDue: annuity / 100,
          issuedOn: formatDay(issuedOn),
        },
        dueOn,
        cents: annuity,
        settledOn: Number.POSITIVE_INFINITY,
        cancelledOn: Number.POSITIVE_INFINITY,
      })
    }
  }

  /** A line's statement: stress draws on it, calm pays it down; a tenth of the balance falls due, interest included. */
  #bill(dueOn: Day, stress: Stress): void {
    const drift = [-0.015, 0.035, 0.06][stress] as number
    this.#utilisation = Math.min(1, Math.max(0.02, this.#utilisation + drift + 0.05 * this.#random.normal()))
    const balance = Math.round(this.terms.cents * this.#utilisation)
    const cents = Math.max(1000, Math.round(balance * (0.1 + monthlyRate)))
    this.#instalments.push({
      instalment: {
        instalmentId: `${this.terms.accountId}-${this.#instalments.length + 1}`,
        dueOn: formatDay(dueOn),
        amountDue: cents / 100,
        issuedOn: formatDay(Math.max(dueOn - 20, this.terms.openedOn)),
        balance: balance / 100,
      },
      dueOn,
      cents,
      settledOn: Number.POSITIVE_INFINITY,
      cancelledOn: Number.POSITIVE_INFINITY,
    })
  }

  #drawDelay(month: Month, stress: Stress): DelayClass {
    const probabilities = delayProbabilities(stress, this.#person.forgetful, ((month % 12) + 12) % 12)
    let left = this.#random.uniform()
    for (const delay of ['missed', 'medium', 'short'] as const) {
      left -= probabilities[delay]
      if (left < 0) return delay
    }
    return 'on-time'
  }

  #drawDays(delay: Exclude<DelayClass, 'missed'>): number {
    if (delay === 'on-time') return this.#person.autoDebit ? 0 : -this.#random.integer(4)
    const [first, last] = delayDays[delay]
    return first + this.#random.integer(last - first + 1)
  }

  /** What is paid of an instalment at first, in cents; 0 where it is paid at once. */
  #drawPart({ cents }: OpenInstalment): number {
    const source = this.#random
    return source.chance(chance.partial) ? Math.round(cents * (0.2 + 0.5 * source.uniform())) : 0
  }

  /** Pays an instalment, perhaps in two parts, after a failed debit, with a reversal or posted late. */
  #pay(place: number, owed: OpenInstalment, delay: DelayClass, settledOn: Day): void {
    const source = this.#random
    const late = delay !== 'on-time'
    const technical = delay === 'short' && this.#person.autoDebit && source.chance(chance.technicalFailure)
    const failed = this.#person.autoDebit && late && (technical || source.chance(chance.failedDebit))
    if (failed) this.#record(owed, owed.dueOn, owed.dueOn, owed.cents, 'auto-debit', 'failed')
    const byHand = source.chance(chance.otherChannel) ? 'wallet' : 'transfer'
    const channel = this.#person.autoDebit && !failed && !late ? 'auto-debit' : byHand
    const first = late ? this.#drawPart(owed) : 0
    const named = this.#instalments
      .slice(0, place)
      .some(older => older.settledOn > settledOn && older.cancelledOn > settledOn)
    if (first > 0) this.#record(owed, owed.dueOn, owed.dueOn, first, byHand, 'paid', true)
    else if (delay === 'short' && !failed && source.chance(chance.reversed)) {
      this.#record(owed, owed.dueOn, owed.dueOn, owed.cents, channel, 'paid', true, settledOn)
    }
    const backPosted = (delay === 'on-time' || delay === 'short') && source.chance(chance.backPosted)
    const recordedOn = settledOn + (backPosted ? 1 + source.integer(5) : 0)
    this.#record(owed, settledOn, recordedOn, owed.cents - first, channel, 'paid', named || first > 0)
    this.#instalments[place] = { ...owed, settledOn }
  }

  #miss(place: number, owed: OpenInstalment, stress: Stress): void {
    const source = this.#random
    if (this.#person.autoDebit && source.chance(chance.failedDebit)) {
      this.#record(owed, owed.dueOn, owed.dueOn, owed.cents, 'auto-debit', 'failed')
    }
    if (this.#defaulted || source.chance(defaultShare[stress])) {
      this.#defaulted = true
      return
    }
    // Nothing is paid first: money paid towards instalments that are cancelled then would count towards the new ones.
    if (this.terms.kind === 'loan' && !this.#restructured && this.#left >= 3 && source.chance(chance.restructured)) {
      this.#restructured = true
      this.#restructureOn = owed.dueOn + 40 + source.integer(10)
      return
    }
    const first = this.#drawPart(owed)
    if (first > 0) this.#record(owed, owed.dueOn, owed.dueOn, first, 'transfer', 'paid', true)
    const settledOn = owed.dueOn + missedDays[0] + source.integer(missedDays[1] - missedDays[0] + 1)
    this.#record(owed, settledOn, settledOn, owed.cents - first, 'transfer', 'paid', true)
    this.#instalments[place] = { ...owed, settledOn }
  }

  /** Replaces what is unpaid by instalments over half as many months again, from the next month on. */
  #restructure(): void {
    const agreedOn = this.#restructureOn
    this.#restructureOn = Number.POSITIVE_INFINITY
    let cents = 0
    for (const owed of this.#instalments) {
      if (owed.settledOn < Number.POSITIVE_INFINITY || owed.cancelledOn < Number.POSITIVE_INFINITY) continue
      owed.cancelledOn = agreedOn
      cents += owed.cents
    }
    this.#left = Math.ceil(this.#left * 1.5) + 1
    this.#schedule(monthOf(agreedOn) + 1, agreedOn, cents, this.#left)
  }

  #writeOffWhenDue(month: Month): void {
    const oldest = this.#instalments.find(
      owed => owed.settledOn === Number.POSITIVE_INFINITY && owed.cancelledOn === Number.POSITIVE_INFINITY,
    )
    const closedOn = (oldest?.dueOn ?? Number.POSITIVE_INFINITY) + writeOffDays
    if (monthOf(closedOn) > month) return
    this.#closedOn = closedOn
    this.#closeReason = 'written-off'
  }

  /** Pays everything that is left, on a day on which nothing is past due. */
  #settle(settledOn: Day): void {
    this.#instalments.forEach((owed, place) => {
      if (owed.settledOn < Number.POSITIVE_INFINITY || owed.cancelledOn < Number.POSITIVE_INFINITY) return
      this.#record(owed, settledOn, settledOn, owed.cents, 'transfer', 'paid', true)
      this.#instalments[place] = { ...owed, settledOn }
    })
    this.#left = 0
    this.#close(settledOn, 'settled-early')
  }

  #closeWhenPaid(): void {
    const standing = this.#instalments.filter(({ cancelledOn }) => cancelledOn === Number.POSITIVE_INFINITY)
    const last = Math.max(...standing.map(({ settledOn }) => settledOn))
    if (Number.isFinite(last) && this.#closedOn === null) this.#close(last, 'paid-off')
  }

  /** The lender closes the account in the month after the last payment. */
  #close(paidOn: Day, reason: 'paid-off' | 'settled-early'): void {
    this.#payOffOn = paidOn
    this.#closedOn = monthEnd(monthOf(paidOn)) + 15
    this.#closeReason = reason
  }

  #record(
    owed: OpenInstalment,
    paidOn: Day,
    recordedOn: Day,
    cents: number,
    channel: NonNullable<Payment['channel']>,
    outcome: Payment['outcome'],
    named = false,
    reversedOn: Day | null = null,
  ): void {
    this.#payments.push({
      paymentId: `${this.terms.accountId}-p${this.#payments.length + 1}`,
      paidOn: formatDay(paidOn),
      recordedOn: formatDay(recordedOn),
      reversedOn: reversedOn === null ? null : formatDay(reversedOn),
      amount: cents / 100,
      instalmentId: named ? owed.instalment.instalmentId : null,
      channel,
      ...(channel === 'auto-debit' && this.#circumstances.bank !== undefined
        ? { bank: this.#circumstances.bank.name, attemptedHour: this.#circumstances.bank.hour }
        : {}),
      outcome,
    })
  }
}
