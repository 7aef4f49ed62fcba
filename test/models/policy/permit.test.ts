import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CompiledPolicy,
  type ContactAttempt,
  compilePolicy,
  contactChannels,
  defaultPolicyPath,
  type PermitFacts,
  permit,
  readPolicy,
} from '../../../models/policy/index.ts'
import { wallTime } from './wall-clock.ts'

const shipped = compilePolicy(readPolicy(defaultPolicyPath()))

/** The policy that ships with other packs of contact rules. */
function withPacks(...packs: readonly object[]): CompiledPolicy {
  const contact = {
    ...shipped.file.contact,
    packs: packs.map((pack, place) => ({
      id: `pack-${place}`,
      version: '1',
      jurisdiction: '*',
      source: 'example',
      says: 'A rule of this test.',
      effectiveFrom: '2000-01-01',
      channels: [...contactChannels],
      windows: [{ from: '08:00', to: '21:00' }],
      frequency: [],
      needsConsent: [],
      thirdParties: 'never' as const,
      ...pack,
    })),
  }
  return compilePolicy({ ...shipped, file: { ...shipped.file, contact } })
}

/** Is a call permitted? */
function ask(policy: CompiledPolicy, at: string | number, more: Partial<PermitFacts> = {}) {
  return permit(policy.contact, {
    accountId: 'a1',
    channel: 'call',
    purpose: 'collection',
    party: 'borrower',
    at: typeof at === 'number' ? at : Date.parse(at),
    jurisdiction: 'US',
    timeZone: 'America/New_York',
    consents: [],
    refusals: [],
    attempts: [],
    ...more,
  })
}

const calls = (...at: readonly string[]): ContactAttempt[] =>
  at.map(one => ({ accountId: 'a1', channel: 'call', at: Date.parse(one), conversation: false }))
const regF = withPacks(shipped.file.contact.packs.find(({ id }) => id === 'reg-f')!)

describe('Regulation F', () => {
  test('no call before 8:00 or from 21:00 on, where the consumer is', () => {
    expect(ask(regF, '2026-06-01T11:59:59Z')).toMatchObject({
      permitted: false, // 7:59:59 in New York
      rule: { pack: 'reg-f', version: '2021-11-30', id: 'window' },
      nextPermittedAt: '2026-06-01T12:00:00.000Z',
    })
    expect(ask(regF, '2026-06-01T12:00:00Z').permitted).toBe(true)
    expect(ask(regF, '2026-06-02T00:59:59Z').permitted).toBe(true) // 20:59:59
    expect(ask(regF, '2026-06-02T01:00:00Z')).toMatchObject({
      permitted: false,
      nextPermittedAt: '2026-06-02T12:00:00.000Z',
    })
  })

  test('an eighth call within seven consecutive days is refused until the first has left them', () => {
    const attempts = calls(
      '2026-06-01T15:00:00Z',
      '2026-06-02T15:00:00Z',
      '2026-06-03T15:00:00Z',
      '2026-06-04T15:00:00Z',
      '2026-06-05T15:00:00Z',
      '2026-06-06T15:00:00Z',
    )
    expect(ask(regF, '2026-06-07T15:00:00Z', { attempts }).permitted).toBe(true) // the seventh
    const seven = [...attempts, ...calls('2026-06-07T15:00:00Z')]
    expect(ask(regF, '2026-06-07T16:00:00Z', { attempts: seven })).toMatchObject({
      permitted: false,
      rule: { id: 'seven-in-seven' },
      nextPermittedAt: '2026-06-08T12:00:00.000Z', // 8:00 on 8 June: 1 June is no longer among the seven days
    })
    expect(ask(regF, '2026-06-08T12:00:00Z', { attempts: seven }).permitted).toBe(true)
    const other = seven.map(attempt => ({ ...attempt, accountId: 'a2' }))
    expect(ask(regF, '2026-06-07T16:00:00Z', { attempts: other }).permitted).toBe(true) // per debt
  })

  test('after a conversation there is silence for seven days, its own day being the first', () => {
    const attempts = calls('2026-06-01T15:00:00Z').map(call => ({ ...call, conversation: true }))
    for (const day of ['01', '02', '07']) {
      expect(ask(regF, `2026-06-${day}T16:00:00Z`, { attempts })).toMatchObject({
        permitted: false,
        rule: { id: 'seven-days-after-conversation' },
        nextPermittedAt: '2026-06-08T12:00:00.000Z',
      })
    }
    expect(ask(regF, '2026-06-08T12:00:00Z', { attempts }).permitted).toBe(true)
  })

  test('where nobody knows the consumer’s time zone, the time must be right from coast to coast', () => {
    const unknown = { timeZone: null }
    // 8:00 in Honolulu (UTC−10) is 18:00Z; 21:00 in New York (UTC−4 in June) is 01:00Z.
    expect(ask(regF, '2026-06-01T17:59:00Z', unknown)).toMatchObject({
      permitted: false,
      nextPermittedAt: '2026-06-01T18:00:00.000Z',
    })
    expect(ask(regF, '2026-06-02T00:59:00Z', unknown).permitted).toBe(true)
    expect(ask(regF, '2026-06-02T01:00:00Z', unknown)).toMatchObject({
      permitted: false,
      nextPermittedAt: '2026-06-02T18:00:00.000Z',
    })
  })
})

test('the strictest of the packs that apply decides, and the answer names them with their versions', () => {
  const answer = ask(shipped, '2026-06-07T04:00:00Z', { jurisdiction: 'CN', timeZone: 'Asia/Shanghai' }) // Sunday noon
  expect(answer).toMatchObject({
    permitted: false,
    rule: { pack: 'house', version: '1', id: 'window' },
    packs: ['china-strict@2026-11', 'house@1'],
    nextPermittedAt: '2026-06-08T01:00:00.000Z', // Monday 9:00 in Shanghai
  })
})

test('what time does not lift has no next time: stop, refusal, consent, third party, a channel without rules', () => {
  const noon = '2026-06-01T16:00:00Z'
  const denied = (more: Partial<PermitFacts>, policy = shipped) => ask(policy, noon, more)
  expect(denied({ stop: 'dispute' })).toMatchObject({ rule: { id: 'stops.dispute' }, nextPermittedAt: null })
  expect(denied({ stop: 'dispute', purpose: 'service' }).permitted).toBe(true)
  expect(denied({ refusals: ['call'] })).toMatchObject({ rule: { id: 'refused' }, nextPermittedAt: null })
  expect(denied({ channel: 'sms' })).toMatchObject({ rule: { id: 'consent' }, nextPermittedAt: null })
  expect(denied({ channel: 'sms', consents: ['sms'] }).permitted).toBe(true)
  expect(denied({ party: 'third-party' })).toMatchObject({ rule: { id: 'third-parties' }, nextPermittedAt: null })
  const calling = withPacks({ jurisdiction: 'CN' }, { jurisdiction: 'US', channels: ['call'] })
  expect(denied({ channel: 'visit' }, calling)).toMatchObject({ rule: { id: 'no-pack' }, nextPermittedAt: null })
})

test('a pack applies from its first day to its last, and a country’s pack in all of its regions', () => {
  const dated = withPacks(
    {},
    {
      jurisdiction: 'US',
      windows: [{ from: '12:00', to: '13:00' }],
      effectiveFrom: '2026-06-02',
      effectiveTo: '2026-06-03',
    },
  )
  const at = (day: string) => ask(dated, `2026-06-${day}T14:00:00Z`, { jurisdiction: 'US-CA' }).permitted // 10:00
  expect(['01', '02', '03', '04'].map(at)).toEqual([true, false, false, true])
})

test('before any pack is in force nobody may be contacted, and only packs in force are named', () => {
  const later = withPacks({ effectiveFrom: '2026-06-03' }, { effectiveFrom: '2026-06-05', jurisdiction: 'US' })
  expect(ask(later, '2026-06-01T16:00:00Z')).toMatchObject({
    permitted: false,
    rule: { pack: 'default', id: 'no-pack' },
    packs: [],
    nextPermittedAt: '2026-06-03T12:00:00.000Z',
  })
  expect(ask(later, '2026-06-03T16:00:00Z')).toMatchObject({ permitted: true, packs: ['pack-0@1'] })
  const ended = withPacks({ effectiveTo: '2026-05-31' })
  expect(ask(ended, '2026-06-01T16:00:00Z')).toMatchObject({ rule: { id: 'no-pack' }, nextPermittedAt: null })
})

test('a closed day is closed', () => {
  const closed = withPacks({ closedOn: ['2026-06-01', '2026-06-02'] })
  expect(ask(closed, '2026-06-01T16:00:00Z')).toMatchObject({
    rule: { id: 'closed-day' },
    nextPermittedAt: '2026-06-03T12:00:00.000Z',
  })
})

describe('when the clock changes', () => {
  test('a window that opens within the hour that is left out opens after it', () => {
    const early = withPacks({ windows: [{ from: '02:30', to: '04:00' }] })
    // New York, 8 March 2026: 1:59:59 EST is followed by 3:00 EDT, which is 07:00Z.
    expect(ask(early, '2026-03-08T06:00:00Z').nextPermittedAt).toBe('2026-03-08T07:00:00.000Z')
  })

  test('a window within the hour that comes twice is open twice', () => {
    const early = withPacks({ windows: [{ from: '01:00', to: '01:30' }] })
    // New York, 1 November 2026: 1:00 EDT is 05:00Z, 1:00 EST is 06:00Z.
    expect(ask(early, '2026-11-01T04:00:00Z').nextPermittedAt).toBe('2026-11-01T05:00:00.000Z')
    expect(ask(early, '2026-11-01T05:30:00Z').nextPermittedAt).toBe('2026-11-01T06:00:00.000Z')
    expect(ask(early, '2026-11-01T06:29:00Z').permitted).toBe(true)
  })

  test('8:00 stays 8:00', () => {
    const winter = ask(regF, '2026-03-07T05:00:00Z').nextPermittedAt
    const summer = ask(regF, '2026-03-08T05:00:00Z').nextPermittedAt
    expect([winter, summer]).toEqual(['2026-03-07T13:00:00.000Z', '2026-03-08T12:00:00.000Z'])
  })
})

const zones = [
  'Asia/Shanghai',
  'America/New_York',
  'America/St_Johns',
  'Europe/Berlin',
  'Australia/Lord_Howe', // its clock changes by half an hour
  'Asia/Kathmandu', // UTC+5:45
  'Pacific/Apia', // UTC+13
  'Africa/Casablanca', // sets its clock back for a month
  'Pacific/Honolulu',
]
const quarter = 900_000
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

test('at any time, anywhere, the answer is what the clock on the wall and the ledger say, and so is the next time', () => {
  let [permitted, denied, byFrequency] = [0, 0, 0]
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      // A year and a half by quarters of an hour; half of the instants lie about changes of the clock.
      fc.oneof(
        fc.integer({ min: 0, max: 50_000 }),
        fc
          .constantFrom(6_400, 8_364, 8_460, 28_700, 28_836, 28_850, 9_000)
          .chain(near => fc.integer({ min: near - 200, max: near + 200 })),
      ),
      fc.integer({ min: 0, max: 95 }),
      fc.integer({ min: 1, max: 96 }),
      fc.subarray([...days], { minLength: 1 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (timeZone, start, from, length, weekdays, attemptsAtMost, within, ago, silence) => {
        const to = Math.min(96, from + length)
        const policy = withPacks(
          { windows: [{ days: weekdays, from: clock(from * 15), to: clock(to * 15) }] },
          {
            windows: [{ from: '00:00', to: '24:00' }],
            frequency: [
              {
                id: 'often',
                kind: 'at-most',
                source: 'example',
                says: 'Not so often.',
                attempts: attemptsAtMost,
                days: within,
                per: 'account',
              },
              {
                id: 'silence',
                kind: 'after-conversation',
                source: 'example',
                says: 'Silence.',
                days: silence,
                per: 'borrower',
              },
            ],
          },
        )
        const at = Date.UTC(2026, 0, 1) + start * quarter
        const attempts: ContactAttempt[] = ago.map((quarters, place) => ({
          accountId: place % 3 === 2 ? 'a2' : 'a1',
          channel: place % 4 === 3 ? 'sms' : 'call',
          at: at - quarters * quarter,
          conversation: place % 5 === 4,
        }))
        /** The rules in words, minute by minute and day by day. */
        const allowed = (instant: number): boolean => {
          const { weekday, minute, date } = wallTime(timeZone, instant)
          if (!weekdays.includes(weekday as (typeof days)[number]) || minute < from * 15 || minute >= to * 15)
            return false
          const daysAgo = (attempt: ContactAttempt): number =>
            (Date.parse(date) - Date.parse(wallTime(timeZone, attempt.at).date)) / 86_400_000
          const recent = attempts.filter(attempt => attempt.accountId === 'a1' && daysAgo(attempt) < within)
          return recent.length < attemptsAtMost && !attempts.some(one => one.conversation && daysAgo(one) < silence)
        }
        const answer = ask(policy, at, { timeZone, attempts })
        expect(answer.permitted).toBe(allowed(at))
        if (answer.permitted) permitted += 1
        else denied += 1
        if (answer.rule?.pack === 'pack-1') byFrequency += 1
        let next = at
        while (!allowed(next)) next += quarter
        expect(answer.nextPermittedAt).toBe(new Date(next).toISOString())
      },
    ),
    { numRuns: 600 },
  )
  expect(Math.min(permitted, denied, byFrequency)).toBeGreaterThan(20)
})

test('a window up to midnight closes at midnight, and one from midnight opens there', () => {
  const night = withPacks({
    windows: [
      { from: '22:00', to: '24:00' },
      { from: '00:00', to: '02:00' },
    ],
  })
  const shanghai = { timeZone: 'Asia/Shanghai' }
  const at = (time: string) => ask(night, `2026-06-01T${time}+08:00`, shanghai)
  expect(
    ['21:59', '22:00', '23:59:59.999', '00:00', '01:59', '02:00'].map(
      time => at(time.length === 5 ? `${time}:00` : time).permitted,
    ),
  ).toEqual([false, true, true, true, true, false])
})
