/** What no section of a policy can tell alone: gaps, overlaps, names that lead nowhere, rules that never apply. */

import { families } from '../../features/index.ts'
import { checkContact } from './check-contact.ts'
import { type PolicyFile, warningLevels } from './policy-schema.ts'
import { ungraded } from './treatment-schema.ts'

/** One thing that is wrong with a policy. */
export interface PolicyFault {
  /** Where: keys and places from the top. */
  readonly path: readonly (string | number)[]
  readonly found?: string
  readonly expected: string
  /** Name of the rule that is broken. */
  readonly rule: string
}

/** A range whose end is not part of it; null = without end. */
interface Range {
  readonly from: number
  readonly below: number | null
}

/** Finds what is wrong with a policy whose shape is right; an empty list if nothing is. */
export function checkPolicy(policy: PolicyFile): PolicyFault[] {
  return [
    ...checkSources(policy),
    ...checkRanges(policy.grades.ranges, ['grades', 'ranges'], 1),
    ...checkUnique(policy.grades.ranges, 'grade', ['grades', 'ranges']),
    ...checkRanges(policy.warning.levels, ['warning', 'levels'], 1),
    ...checkWarning(policy),
    ...checkUnique(policy.table, 'id', ['table']),
    ...checkUnique(policy.exceptions, 'id', ['exceptions']),
    ...checkNames(policy),
    ...checkTable(policy),
    ...checkExceptions(policy),
    ...checkTreatments(policy),
    ...checkRanges(
      policy.worklist.overdueProbability.map(({ daysPastDue }) => daysPastDue),
      ['worklist', 'overdueProbability'],
      null,
    ),
    ...checkContact(policy),
  ]
}

/** Ranges must lead from 0 to `end` in order, each beginning where the one before ends. */
function checkRanges(ranges: readonly Range[], path: readonly (string | number)[], end: number | null): PolicyFault[] {
  const faults: PolicyFault[] = []
  let next: number | null = 0
  ranges.forEach(({ from, below }, place) => {
    const at = [...path, place]
    if (below !== null && below <= from) {
      faults.push({
        path: at,
        found: `${from} to ${below}`,
        expected: 'a range that holds something',
        rule: 'empty-range',
      })
    }
    if (next === null || from < next) {
      const expected = next === null ? 'nothing: the range before it has no end' : `a range from ${next}`
      faults.push({ path: at, found: `from ${from}`, expected: `${expected}`, rule: 'overlap' })
    } else if (from > next) {
      faults.push({
        path: at,
        found: `from ${from}`,
        expected: `a range from ${next}: nothing covers ${next} to ${from}`,
        rule: 'gap',
      })
    }
    next = below
  })
  if (next !== end && ranges.length > 0 && (next === null || end === null || next < end)) {
    faults.push({
      path: [...path, ranges.length - 1],
      found: `below ${next}`,
      expected: `an end at ${end ?? 'null, without limit'}: nothing covers what comes after ${next}`,
      rule: 'gap',
    })
  }
  return faults
}

function checkUnique<Key extends string>(
  items: readonly Readonly<Record<Key, string>>[],
  key: Key,
  path: readonly (string | number)[],
): PolicyFault[] {
  const seen = new Set<string>()
  return items.flatMap((item, place): PolicyFault[] => {
    const before = seen.has(item[key])
    seen.add(item[key])
    return before
      ? [{ path: [...path, place, key], found: item[key], expected: `each ${key} once`, rule: `duplicate-${key}` }]
      : []
  })
}

/** Every `source` must be an entry of `sources`. */
function checkSources(policy: PolicyFile): PolicyFault[] {
  const faults: PolicyFault[] = []
  const known = Object.keys(policy.sources)
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    if (Array.isArray(value)) for (const [place, item] of value.entries()) visit(item, [...path, place])
    else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) {
        if (path.length === 0 && key === 'sources') continue
        if (key === 'source' && typeof part === 'string' && !known.includes(part)) {
          const expected = `an entry of sources: ${known.join(', ')}`
          faults.push({ path: [...path, key], found: part, expected, rule: 'missing-source' })
        } else visit(part, [...path, key])
      }
    }
  }
  visit(policy, [])
  return faults
}

function checkWarning({ warning }: PolicyFile): PolicyFault[] {
  const faults: PolicyFault[] = []
  warning.levels.forEach(({ level }, place) => {
    if (level === warningLevels[place]) return
    const expected = `${warningLevels[place]}: the levels are ${warningLevels.join(', ')}, in this order`
    faults.push({ path: ['warning', 'levels', place, 'level'], found: level, expected, rule: 'level-order' })
  })
  if (warning.budget?.from === warningLevels[0]) {
    const expected = `a level above ${warningLevels[0]}, which everybody has`
    faults.push({ path: ['warning', 'budget', 'from'], found: warning.budget.from, expected, rule: 'budget-level' })
  }
  return faults
}

/** Grades, levels and families must exist. */
function checkNames(policy: PolicyFile): PolicyFault[] {
  const grades = [...policy.grades.ranges.map(({ grade }) => grade), ungraded]
  const faults: PolicyFault[] = []
  const check = (
    given: readonly string[] | undefined,
    known: readonly string[],
    rule: string,
    ...path: (string | number)[]
  ): void => {
    given?.forEach((one, place) => {
      if (!known.includes(one)) {
        faults.push({ path: [...path, place], found: one, expected: `one of ${known.join(', ')}`, rule })
      }
    })
  }
  policy.table.forEach((row, place) => {
    check(row.grades, grades, 'unknown-grade', 'table', place, 'grades')
    check(row.levels, warningLevels, 'unknown-level', 'table', place, 'levels')
  })
  policy.exceptions.forEach(({ when }, place) => {
    check(when.grades, grades, 'unknown-grade', 'exceptions', place, 'when', 'grades')
    check(when.levels, warningLevels, 'unknown-level', 'exceptions', place, 'when', 'levels')
    check(when.reasonFamilies, Object.keys(families), 'unknown-family', 'exceptions', place, 'when', 'reasonFamilies')
  })
  const signs = policy.causes.cannot.reasonFamilies
  check(signs, Object.keys(families), 'unknown-family', 'causes', 'cannot', 'reasonFamilies')
  policy.care.lessons.forEach((lesson, place) => {
    check(lesson.families, Object.keys(families), 'unknown-family', 'care', 'lessons', place, 'families')
  })
  return faults
}

/** Exactly one row for every number of days past due, grade and level: cell by cell between the rows' bounds. */
function checkTable({ table, grades }: PolicyFile): PolicyFault[] {
  const faults: PolicyFault[] = []
  const bounds = new Set([0])
  table.forEach(({ daysPastDue: { from, below } }, place) => {
    bounds.add(from)
    if (below !== null) bounds.add(below)
    if (below !== null && below <= from) {
      const path = ['table', place, 'daysPastDue']
      faults.push({ path, found: `${from} to ${below}`, expected: 'a range that holds something', rule: 'empty-range' })
    }
  })
  const days = [...bounds].sort((a, b) => a - b)
  const told = new Set<string>()
  const tell = (fault: PolicyFault): void => {
    const key = `${fault.rule} ${fault.path.join('.')}`
    if (told.has(key)) return
    told.add(key)
    faults.push(fault)
  }
  days.forEach((day, index) => {
    const until = days[index + 1] === undefined ? 'on' : `to ${(days[index + 1] as number) - 1}`
    for (const grade of [...grades.ranges.map(range => range.grade), ungraded]) {
      for (const level of warningLevels) {
        const rows = table.flatMap((row, place) => {
          const { from, below } = row.daysPastDue
          const covers = from <= day && (below === null || day < below)
          return covers && row.grades.includes(grade) && (row.levels?.includes(level) ?? true) ? [place] : []
        })
        const cell = `${day} ${until} days past due, grade ${grade}, level ${level}`
        if (rows.length === 0) {
          tell({ path: ['table', Math.max(0, rowBefore(table, day))], expected: `a row for ${cell}`, rule: 'gap' })
        }
        if (rows.length > 1) {
          const ids = rows.map(place => table[place]?.id).join(' and ')
          tell({
            path: ['table', rows[1] as number],
            found: ids,
            expected: `one row only for ${cell}`,
            rule: 'overlap',
          })
        }
      }
    }
  })
  return faults
}

/** The last row that begins at a day or before it: where a missing row would be looked for. */
function rowBefore(table: PolicyFile['table'], day: number): number {
  return table.findLastIndex(({ daysPastDue }) => daysPastDue.from <= day)
}

/** An exception that a former one always forestalls is a mistake. */
function checkExceptions({ exceptions }: PolicyFile): PolicyFault[] {
  return exceptions.flatMap((exception, place): PolicyFault[] => {
    const former = exceptions.slice(0, place).find(other => covers(other.when, exception.when))
    return former === undefined
      ? []
      : [
          {
            path: ['exceptions', place],
            found: exception.id,
            expected: `a rule that can apply: ${former.id}, before it, takes every case of it`,
            rule: 'overlap',
          },
        ]
  })
}

type When = PolicyFile['exceptions'][number]['when']

function covers(wide: When, narrow: When): boolean {
  const within = (key: Exclude<keyof When, 'daysPastDue' | 'classes'>): boolean => {
    const allowed = wide[key] as readonly string[] | undefined
    const asked = narrow[key] as readonly string[] | undefined
    return allowed === undefined || (asked?.every(one => allowed.includes(one)) ?? false)
  }
  const days = wide.daysPastDue
  const daysWithin =
    days === undefined ||
    (narrow.daysPastDue !== undefined &&
      days.from <= narrow.daysPastDue.from &&
      (days.below === null || (narrow.daysPastDue.below !== null && narrow.daysPastDue.below <= days.below)))
  const classesWithin = Object.entries(wide.classes ?? {}).every(
    ([clock, allowed]) => narrow.classes?.[clock]?.every(one => allowed.includes(one)) ?? false,
  )
  return (
    daysWithin &&
    classesWithin &&
    within('grades') &&
    within('levels') &&
    within('causes') &&
    within('responses') &&
    within('products') &&
    within('reasonFamilies')
  )
}

function checkTreatments({ treatments, holdOut, stops }: PolicyFile): PolicyFault[] {
  const faults: PolicyFault[] = []
  for (const [name, { purpose, channels, by }] of Object.entries(treatments)) {
    if ((purpose === null) !== (channels.length === 0)) {
      const expected = 'a purpose and channels, or neither'
      faults.push({ path: ['treatments', name, 'channels'], found: channels.join(', '), expected, rule: 'no-purpose' })
    }
    if (purpose !== null && by === 'nobody') {
      const expected = 'system or person: somebody has to make the contact'
      faults.push({ path: ['treatments', name, 'by'], found: by, expected, rule: 'nobody-acts' })
    }
  }
  holdOut.treatments.forEach((name, place) => {
    const known = Object.keys(treatments).filter(one => one !== 'none')
    if (known.includes(name)) return
    const expected = `one of ${known.join(', ')}`
    faults.push({ path: ['holdOut', 'treatments', place], found: name, expected, rule: 'unknown-treatment' })
  })
  for (const [name, stop] of Object.entries(stops)) {
    const { purpose } = treatments[stop.treatment]
    if (purpose === null || (purpose !== 'collection' && stop.contact.includes(purpose))) continue
    faults.push({
      path: ['stops', name, 'treatment'],
      found: `${stop.treatment}, which is for ${purpose}`,
      expected: 'a treatment for a purpose that the stop still allows, and never collection',
      rule: 'stop-overridden',
    })
  }
  return faults
}
