/** May this borrower be contacted now, by this channel? The strictest of the packs that apply decides. */

import { type Day, toDay } from '../../../data/index.ts'
import { appliesIn, weeklySpans } from '../file/check-contact.ts'
import type { ContactPack, FrequencyRule } from '../file/contact-schema.ts'
import type { PolicyFile } from '../file/policy-schema.ts'
import type { ContactChannel, ContactPurpose, StopName } from '../file/treatment-schema.ts'
import {
  type DaySpan,
  firstOpening,
  localDay,
  localTime,
  startOfDay,
  type WallClock,
  wallClock,
  weekdayOf,
} from './local-time.ts'

/** An attempt to reach a borrower, as the ledger has it. */
export interface ContactAttempt {
  readonly accountId: string
  readonly channel: ContactChannel
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly at: number
  /** True if it became a conversation with the borrower. */
  readonly conversation: boolean
}

/** What a permit depends on, beside the policy. */
export interface PermitFacts {
  readonly accountId: string
  readonly channel: ContactChannel
  readonly purpose: ContactPurpose
  readonly party: 'borrower' | 'third-party'
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly at: number
  /** Where the borrower lives, ISO 3166; null = where the policy's borrowers live. */
  readonly jurisdiction: string | null
  /** IANA time zone where the borrower is; null = not known. */
  readonly timeZone: string | null
  /** Channels to which the borrower has consented. */
  readonly consents: readonly ContactChannel[]
  /** Channels that the borrower has refused. */
  readonly refusals: readonly ContactChannel[]
  /** Attempts so far on all accounts of the borrower, in any order; null = nobody knows, so nobody may be contacted. */
  readonly attempts: readonly ContactAttempt[] | null
  /** The stop that decides; null or left out = none. */
  readonly stop?: StopName | null
}

/** The answer. */
export interface Permit {
  readonly permitted: boolean
  readonly channel: ContactChannel
  /** The rule that forbids it: pack, its version, and the rule in it; null = none does. */
  readonly rule: { readonly pack: string; readonly version: string; readonly id: string } | null
  /** What the rule says. */
  readonly says: string | null
  /** First instant at which every rule allows it, by what is known now; null = none that is foreseen. ISO 8601, UTC. */
  readonly nextPermittedAt: string | null
  readonly checkedAt: string
  /** Packs that apply, as `id@version`. */
  readonly packs: readonly string[]
}

interface CompiledPack extends ContactPack {
  readonly firstDay: Day
  readonly lastDay: Day
  readonly spans: readonly (readonly DaySpan[])[]
  readonly closed: ReadonlySet<Day>
}

/** Packs that apply together. */
interface AppliedPacks {
  readonly packs: readonly CompiledPack[]
  /** `id@version` of each. */
  readonly labels: readonly string[]
  /** Clocks of the places where a borrower may be whose zone isn't known. */
  readonly clocksWhenUnknown: readonly WallClock[]
}

/** A policy's contact rules, made ready. */
export interface ContactRules {
  readonly policy: Pick<PolicyFile, 'name' | 'version' | 'contact' | 'stops'>
  /** Packs that apply to a purpose on a channel in a jurisdiction. */
  readonly applied: (jurisdiction: string | null, channel: ContactChannel, purpose: ContactPurpose) => AppliedPacks
}

const closedDay: readonly DaySpan[] = []
const minuteMs = 60_000
/** A rule may push the time on, and another again; so often at most. */
const roundsAtMost = 1000
/** Jurisdictions remembered at most: they come from requests. */
const rememberedAtMost = 10_000

/** Makes a policy's contact rules ready. */
export function compileContact(policy: PolicyFile): ContactRules {
  const packs = policy.contact.packs.map(pack => ({
    ...pack,
    firstDay: toDay(pack.effectiveFrom),
    lastDay: typeof pack.effectiveTo === 'string' ? toDay(pack.effectiveTo) : Number.POSITIVE_INFINITY,
    spans: weeklySpans(pack).map(spans => spans.map(({ from, to }) => ({ from: from * minuteMs, to: to * minuteMs }))),
    closed: new Set((pack.closedOn ?? []).map(day => toDay(day))),
  }))
  const remembered = new Map<string, AppliedPacks>()
  return {
    policy,
    applied: (given, channel, purpose) => {
      const jurisdiction = given ?? policy.contact.jurisdiction
      const key = `${jurisdiction} ${channel} ${purpose}`
      const known = remembered.get(key)
      if (known !== undefined) return known
      const applying = packs.filter(
        pack =>
          appliesIn(pack, jurisdiction) &&
          pack.channels.includes(channel) &&
          (pack.purposes?.includes(purpose) ?? true),
      )
      const zones = [...new Set(applying.flatMap(pack => pack.zonesWhenUnknown ?? []))]
      const applied = {
        packs: applying,
        labels: applying.map(({ id, version }) => `${id}@${version}`),
        clocksWhenUnknown: (zones.length > 0 ? zones : policy.contact.zonesWhenUnknown).map(wallClock),
      }
      if (remembered.size < rememberedAtMost) remembered.set(key, applied)
      return applied
    },
  }
}

/** Answers whether a contact is permitted now, by which rule it isn't, and when it will be. */
export function permit(rules: ContactRules, facts: PermitFacts): Permit {
  const { packs, labels, clocksWhenUnknown } = rules.applied(facts.jurisdiction, facts.channel, facts.purpose)
  const clocks = facts.timeZone === null ? clocksWhenUnknown : [wallClock(facts.timeZone)]
  const today = localDay(clocks[0] as WallClock, facts.at)
  const answer = (breach: Breach | null, nextPermittedAt: number | null): Permit => ({
    permitted: breach === null,
    channel: facts.channel,
    rule: breach === null ? null : { pack: breach.pack, version: breach.version, id: breach.id },
    says: breach?.says ?? null,
    nextPermittedAt: nextPermittedAt === null ? null : instantText(nextPermittedAt),
    checkedAt: instantText(facts.at),
    packs: packs.every(pack => isInForce(pack, today))
      ? labels
      : labels.filter((_, place) => isInForce(packs[place] as CompiledPack, today)),
  })
  const lasting = lastingBreach(rules, packs, facts)
  if (lasting !== null) return answer(lasting, null)

  const first = breachAt(rules, packs, clocks, facts, facts.at)
  if (first === null) return answer(null, facts.at)
  let breach: Breach | null = first
  let at = facts.at
  for (let round = 0; breach !== null && round < roundsAtMost; round += 1) {
    if (breach.until === null) return answer(first, null)
    at = breach.until
    breach = breachAt(rules, packs, clocks, facts, at)
  }
  return answer(first, breach === null ? at : null)
}

let latestAt = Number.NaN
let latestText = ''

/** ISO 8601 of an instant; the last one is kept, because a book is decided about at one instant. */
function instantText(at: number): string {
  if (at !== latestAt) {
    latestText = new Date(at).toISOString()
    latestAt = at
  }
  return latestText
}

/** A rule that forbids a contact. */
interface Breach {
  readonly pack: string
  readonly version: string
  readonly id: string
  readonly says: string
  /** First instant at which this rule no longer forbids it; null = none within sight. */
  readonly until: number | null
}

/** Rules that time doesn't lift. */
function lastingBreach({ policy }: ContactRules, packs: readonly CompiledPack[], facts: PermitFacts): Breach | null {
  const own = (id: string, says: string): Breach => {
    return { pack: policy.name, version: String(policy.version), id, says, until: null }
  }
  const of = (pack: CompiledPack, id: string, says: string): Breach => {
    return { pack: pack.id, version: pack.version, id, says, until: null }
  }
  const stop = facts.stop ?? null
  if (stop !== null && !policy.stops[stop].contact.includes(facts.purpose)) {
    return own(`stops.${stop}`, `The account is on the stop list: ${stop}.`)
  }
  if (facts.refusals.includes(facts.channel)) return own('refused', 'The borrower has refused this channel.')
  if (facts.attempts === null) return own('no-ledger', 'The ledger of contacts can’t be read now.')
  if (packs.length === 0) return withoutRules(policy)
  for (const pack of packs) {
    if (facts.party === 'third-party' && pack.thirdParties === 'never') {
      return of(pack, 'third-parties', 'Nobody but the borrower may be contacted about the debt.')
    }
    if (pack.needsConsent.includes(facts.channel) && !facts.consents.includes(facts.channel)) {
      return of(pack, 'consent', 'This channel needs the borrower’s consent.')
    }
  }
  return null
}

/** The first rule that forbids a contact at an instant; null if all allow it. */
function breachAt(
  { policy }: ContactRules,
  packs: readonly CompiledPack[],
  clocks: readonly WallClock[],
  facts: PermitFacts,
  at: number,
): Breach | null {
  let ruled = false
  for (const pack of packs) {
    for (const clock of clocks) {
      const today = localDay(clock, at)
      if (!isInForce(pack, today)) continue
      ruled = true
      if (!isOpen(spansOf(pack, today), localTime(clock, at))) {
        const until = firstOpening(clock, at, day => spansOf(pack, day))
        const id = pack.closed.has(today) ? 'closed-day' : 'window'
        return { pack: pack.id, version: pack.version, id, says: pack.says, until }
      }
      for (const rule of pack.frequency) {
        const until = frequencyBreach(rule, pack, clock, facts, at, today)
        if (until !== null) return { pack: pack.id, version: pack.version, id: rule.id, says: rule.says, until }
      }
    }
  }
  return ruled ? null : { ...withoutRules(policy), until: firstInForce(packs, clocks, at) }
}

function isInForce({ firstDay, lastDay }: CompiledPack, day: Day): boolean {
  return firstDay <= day && day <= lastDay
}

/** The first instant from which some pack is in force; null if none will be. */
function firstInForce(packs: readonly CompiledPack[], clocks: readonly WallClock[], at: number): number | null {
  const starts = packs
    .flatMap(({ firstDay }) => clocks.map(clock => startOfDay(clock, firstDay)))
    .filter(start => start > at)
  return starts.length === 0 ? null : Math.min(...starts)
}

function withoutRules({ name, version }: ContactRules['policy']): Breach {
  const says = 'No pack of rules is in force for this channel here, so nobody may use it.'
  return { pack: name, version: String(version), id: 'no-pack', says, until: null }
}

/** Open spans of a local day. */
function spansOf(pack: CompiledPack, day: Day): readonly DaySpan[] {
  return pack.closed.has(day) ? closedDay : (pack.spans[weekdayOf(day)] ?? closedDay)
}

function isOpen(spans: readonly DaySpan[], time: number): boolean {
  for (const { from, to } of spans) if (from <= time && time < to) return true
  return false
}

/** When a limit on frequency is met again; null if it is met now. */
function frequencyBreach(
  rule: FrequencyRule,
  pack: CompiledPack,
  clock: WallClock,
  facts: PermitFacts,
  at: number,
  today: Day,
): number | null {
  const attempts = facts.attempts ?? []
  if (attempts.length === 0) return null
  const channels = rule.channels ?? pack.channels
  if (!channels.includes(facts.channel)) return null
  const days = attempts.flatMap(attempt => {
    const counts =
      attempt.at <= facts.at &&
      channels.includes(attempt.channel) &&
      (rule.per === 'borrower' || attempt.accountId === facts.accountId) &&
      (rule.kind === 'at-most' || attempt.conversation)
    const day = counts ? localDay(clock, attempt.at) : Number.NaN
    return day > today - rule.days ? [day] : []
  })
  const allowed = rule.kind === 'at-most' ? rule.attempts : 1
  if (days.length < allowed) return null
  days.sort((a, b) => b - a)
  const until = startOfDay(clock, (days[allowed - 1] as number) + rule.days)
  return until > at ? until : null
}
