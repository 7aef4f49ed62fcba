/** What can be wrong with contact rules: windows that never open or overlap, limits that no attempt can meet. */

import type { PolicyFault } from './check-policy.ts'
import { type ContactPack, weekdays } from './contact-schema.ts'
import type { PolicyFile } from './policy-schema.ts'
import { type ContactChannel, contactChannels } from './treatment-schema.ts'

/** A window of one day of the week, in minutes from its midnight; the end is not part of it. */
interface Span {
  readonly from: number
  readonly to: number
}

/** Finds what is wrong with a policy's contact rules. */
export function checkContact({ contact, treatments }: PolicyFile): PolicyFault[] {
  const faults: PolicyFault[] = []
  const seen = new Set<string>()
  contact.packs.forEach((pack, place) => {
    const path = ['contact', 'packs', place]
    const key = `${pack.id} ${pack.version}`
    if (seen.has(key)) {
      faults.push({ path: [...path, 'id'], found: key, expected: 'each pack and version once', rule: 'duplicate-id' })
    }
    seen.add(key)
    faults.push(...checkPack(pack, path))
  })
  faults.push(...checkOpening(contact.packs))
  for (const [name, { channels }] of Object.entries(treatments)) {
    channels.forEach((channel, place) => {
      if (contact.packs.some(pack => appliesIn(pack, contact.jurisdiction) && pack.channels.includes(channel))) return
      const expected = `a channel that a pack for ${contact.jurisdiction} rules: without one it is never permitted`
      faults.push({
        path: ['treatments', name, 'channels', place],
        found: channel,
        expected,
        rule: 'channel-without-rules',
      })
    })
  }
  return faults
}

/** Does a pack apply where a borrower lives? A country's pack applies in all of its regions. */
export function appliesIn(pack: Pick<ContactPack, 'jurisdiction'>, jurisdiction: string): boolean {
  return (
    pack.jurisdiction === '*' || pack.jurisdiction === jurisdiction || jurisdiction.startsWith(`${pack.jurisdiction}-`)
  )
}

/** Minutes from midnight of a time of day such as `08:30`. */
function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

/** Windows of each day of the week, Monday first, in order. */
export function weeklySpans(pack: Pick<ContactPack, 'windows'>): Span[][] {
  return weekdays.map(day =>
    pack.windows
      .filter(({ days }) => days?.includes(day) ?? true)
      .map(({ from, to }) => ({ from: minuteOfDay(from), to: minuteOfDay(to) }))
      .sort((a, b) => a.from - b.from),
  )
}

function checkPack(pack: ContactPack, path: readonly (string | number)[]): PolicyFault[] {
  const faults: PolicyFault[] = []
  pack.windows.forEach(({ from, to }, place) => {
    if (minuteOfDay(from) < minuteOfDay(to)) return
    faults.push({
      path: [...path, 'windows', place],
      found: `${from} to ${to}`,
      expected: 'a window that opens: from before to; split one over midnight in two',
      rule: 'window-never-opens',
    })
  })
  pack.windows.forEach((window, place) => {
    const clash = pack.windows.slice(0, place).find(other => shareTime(other, window))
    if (clash === undefined) return
    faults.push({
      path: [...path, 'windows', place],
      found: `${window.from} to ${window.to}`,
      expected: `no overlap with the window from ${clash.from} to ${clash.to}`,
      rule: 'overlap',
    })
  })
  if (pack.effectiveTo !== undefined && pack.effectiveTo !== null && pack.effectiveTo < pack.effectiveFrom) {
    const expected = `a day from ${pack.effectiveFrom} on`
    faults.push({ path: [...path, 'effectiveTo'], found: pack.effectiveTo, expected, rule: 'never-effective' })
  }
  const checkChannels = (given: readonly ContactChannel[] | undefined, ...at: (string | number)[]): void => {
    given?.forEach((channel, place) => {
      if (pack.channels.includes(channel)) return
      const expected = `a channel of the pack: ${pack.channels.join(', ')}`
      faults.push({ path: [...path, ...at, place], found: channel, expected, rule: 'unknown-channel' })
    })
  }
  checkChannels(pack.needsConsent, 'needsConsent')
  const ids = new Set<string>()
  pack.frequency.forEach((rule, place) => {
    checkChannels(rule.channels, 'frequency', place, 'channels')
    if (ids.has(rule.id)) {
      const expected = 'each id once in a pack'
      faults.push({ path: [...path, 'frequency', place, 'id'], found: rule.id, expected, rule: 'duplicate-id' })
    }
    ids.add(rule.id)
    if (rule.kind === 'at-most' && rule.attempts === 0) {
      const expected = 'at least 1: with 0 the window never opens; leave the channel out of the treatments instead'
      faults.push({ path: [...path, 'frequency', place, 'attempts'], found: '0', expected, rule: 'window-never-opens' })
    }
  })
  return faults
}

function shareTime(a: ContactPack['windows'][number], b: ContactPack['windows'][number]): boolean {
  const days = weekdays.some(day => (a.days?.includes(day) ?? true) && (b.days?.includes(day) ?? true))
  return days && minuteOfDay(a.from) < minuteOfDay(b.to) && minuteOfDay(b.from) < minuteOfDay(a.to)
}

/** Packs that apply together must leave some time of the week open on each channel. */
function checkOpening(packs: readonly ContactPack[]): PolicyFault[] {
  const faults: PolicyFault[] = []
  const jurisdictions = [...new Set(packs.map(pack => pack.jurisdiction))]
  for (const channel of contactChannels) {
    for (const jurisdiction of jurisdictions) {
      const together = packs.filter(pack => appliesIn(pack, jurisdiction) && pack.channels.includes(channel))
      const last = together.at(-1)
      if (last === undefined || together.length < 2) continue
      const open = together
        .map(weeklySpans)
        .reduce((left, right) => left.map((spans, day) => intersect(spans, right[day] ?? [])))
      if (open.some(spans => spans.length > 0)) continue
      const place = packs.indexOf(last)
      const others = together.filter(pack => pack !== last).map(({ id }) => id)
      if (faults.some(({ path }) => path[2] === place)) continue
      faults.push({
        path: ['contact', 'packs', place, 'windows'],
        found: `${last.id} on channel ${channel}`,
        expected: `a window that opens together with those of ${others.join(', ')}`,
        rule: 'window-never-opens',
      })
    }
  }
  return faults
}

function intersect(left: readonly Span[], right: readonly Span[]): Span[] {
  return left.flatMap(a =>
    right.flatMap(b => {
      const from = Math.max(a.from, b.from)
      const to = Math.min(a.to, b.to)
      return from < to ? [{ from, to }] : []
    }),
  )
}
