/**
 * Failed debits that cluster by bank, channel and hour: whoever could not pay because a system was down is not overdue
 * in any sense that matters. Found from counts, so a whole portfolio needs no more memory than it has banks and hours.
 */

import type { DatedPayment } from './allocation.ts'
import type { Day } from './calendar.ts'

/** A time in which debits through a bank and channel failed for reasons that weren't the borrowers'. */
export interface Outage {
  /** Null: every bank. */
  readonly bank: string | null
  /** Null: every channel. */
  readonly channel: string | null
  readonly day: Day
  /** First and last hour, 0–23, both included; null: the whole day. */
  readonly hours: readonly [number, number] | null
}

/** Attempts through one bank and channel in one hour of one day; `hour` NaN where hours aren't known. */
export interface AttemptCount {
  readonly bank: string | null
  readonly channel: string | null
  readonly day: Day
  readonly hour: number
  readonly attempts: number
  readonly failures: number
}

/** An outage with what it was told by. */
export interface FoundOutage extends Outage {
  readonly attempts: number
  readonly failures: number
  /** Failures to be expected at the rate of the bank's and channel's other hours. */
  readonly expected: number
}

/** When a cluster is one. */
export interface OutageRule {
  /** Fewest failures. */
  readonly failuresAtLeast: number
  /** Least share of the hour's attempts that failed. */
  readonly shareAtLeast: number
  /** Chance of so many failures without an outage, over all hours looked at (Bonferroni). */
  readonly falseAlarms: number
}

/** Defaults, as an example: five failures, half of the attempts, one false alarm in a hundred portfolios. */
export const defaultOutageRule: OutageRule = { failuresAtLeast: 5, shareAtLeast: 0.5, falseAlarms: 0.01 }

/**
 * Finds hours in which far more debits failed than chance allows.
 *
 * Under the null hypothesis failures of an hour are binomial with the failure rate of all other hours of the same bank
 * and channel (half a failure and one attempt added, so that a bank without failures has a rate too).
 *
 * @param counts - Each bank, channel, day and hour once.
 * @returns By day, hour, bank and channel.
 */
export function findOutages(counts: readonly AttemptCount[], rule: OutageRule = defaultOutageRule): FoundOutage[] {
  const totals = new Map<string, { attempts: number; failures: number }>()
  for (const { bank, channel, attempts, failures } of counts) {
    const key = JSON.stringify([bank, channel])
    const total = totals.get(key) ?? { attempts: 0, failures: 0 }
    totals.set(key, { attempts: total.attempts + attempts, failures: total.failures + failures })
  }
  const found = counts.flatMap(({ bank, channel, day, hour, attempts, failures }): FoundOutage[] => {
    if (failures < rule.failuresAtLeast || failures < rule.shareAtLeast * attempts) return []
    const total = totals.get(JSON.stringify([bank, channel])) ?? { attempts, failures }
    const rate = (total.failures - failures + 0.5) / (total.attempts - attempts + 1)
    if (logBinomialTail(attempts, failures, Math.min(rate, 0.999)) > Math.log(rule.falseAlarms / counts.length))
      return []
    const hours = Number.isNaN(hour) ? null : ([hour, hour] as const)
    return [{ bank, channel, day, hours, attempts, failures, expected: rate * attempts }]
  })
  return found.sort((a, b) => a.day - b.day || (a.hours?.[0] ?? 0) - (b.hours?.[0] ?? 0) || compare(a, b))
}

/** Did a debit fail in an outage? */
export function failedTechnically(payment: DatedPayment, outages: readonly Outage[]): boolean {
  if (!payment.failed) return false
  return outages.some(
    ({ bank, channel, day, hours }) =>
      day === payment.paidOn &&
      (bank === null || bank === payment.bank) &&
      (channel === null || channel === payment.channel) &&
      (hours === null || Number.isNaN(payment.hour) || (payment.hour >= hours[0] && payment.hour <= hours[1])),
  )
}

/** Days after a due date within which a failed debit belongs to it. */
const attemptDays = 2

/** Does a debit on a day belong to what fell due on another? */
export function isAttemptFor(dueOn: Day, attemptedOn: Day): boolean {
  return attemptedOn >= dueOn && attemptedOn <= dueOn + attemptDays
}

/** Days past due up to which an outage explains them, in labels. As an example: China's exemption of technical overdue. */
export const technicalDaysAtMost = 7

/** ln P(X ≥ k) for X binomial(n, p). */
function logBinomialTail(n: number, k: number, p: number): number {
  // P(X = k), then each further term by its ratio to the one before; all of one sign, so nothing cancels.
  let log = k * Math.log(p) + (n - k) * Math.log1p(-p)
  for (let index = 1; index <= k; index += 1) log += Math.log((n - k + index) / index)
  let [sum, term] = [1, 1]
  for (let index = k; index < n; index += 1) {
    term *= ((n - index) / (index + 1)) * (p / (1 - p))
    sum += term
    if (term < 1e-17 * sum) break
  }
  return Math.min(0, log + Math.log(sum))
}

function compare(a: Outage, b: Outage): number {
  const [left, right] = [JSON.stringify([a.bank, a.channel]), JSON.stringify([b.bank, b.channel])]
  return left < right ? -1 : left > right ? 1 : 0
}
