/** Which treatment: the stop list first, then the exceptions in order, then the table; looked up, not searched. */

import type { PolicyFile, WarningLevel } from '../file/policy-schema.ts'
import { warningLevels } from '../file/policy-schema.ts'
import { type Cause, type StopName, stopNames, type TreatmentName, ungraded } from '../file/treatment-schema.ts'
import type { DecisionFacts } from './facts.ts'

/** A treatment and the rule that chose it. */
export interface TreatmentRule {
  readonly treatment: TreatmentName
  readonly rule: string
  readonly says: string | null
}

/** What a treatment is chosen by. */
export interface TreatmentCase {
  /** Grade, or `ungraded`. */
  readonly grade: string
  readonly level: WarningLevel
  readonly cause: Cause
  readonly facts: DecisionFacts
}

/** Chooses the treatment of a case. */
export type ChooseTreatment = (one: TreatmentCase) => TreatmentRule

/** Prepares a policy's rules, so that a choice costs a few comparisons. */
export function compileTreatments(policy: PolicyFile): ChooseTreatment {
  const stops = stopNames.map(name => ({ name, rule: ruleOf(`stops.${name}`, policy.stops[name].treatment) }))
  const exceptions = policy.exceptions.map(exception => ({
    holds: compileWhen(exception.when),
    rule: ruleOf(`exceptions.${exception.id}`, exception.treatment, exception.says),
  }))
  const look = compileTable(policy)
  return one => {
    if (one.facts.stops.length > 0) {
      const stop = stops.find(({ name }) => one.facts.stops.includes(name))
      if (stop !== undefined) return stop.rule
    }
    for (const { holds, rule } of exceptions) if (holds(one)) return rule
    return look(one)
  }
}

/** Stop that decides among those that an account has; null = none. */
export function decidingStop(stops: readonly StopName[]): StopName | null {
  return stopNames.find(name => stops.includes(name)) ?? null
}

function ruleOf(rule: string, treatment: TreatmentName, says?: string): TreatmentRule {
  return { treatment, rule, says: says ?? null }
}

type When = PolicyFile['exceptions'][number]['when']

function compileWhen(when: When): (one: TreatmentCase) => boolean {
  const tests: ((one: TreatmentCase) => boolean)[] = []
  const days = when.daysPastDue
  if (days !== undefined) {
    const below = days.below ?? Number.POSITIVE_INFINITY
    tests.push(({ facts }) => facts.daysPastDue !== null && facts.daysPastDue >= days.from && facts.daysPastDue < below)
  }
  const member = (allowed: readonly string[] | undefined, value: (one: TreatmentCase) => string | null | undefined) => {
    if (allowed === undefined) return
    const set = new Set<string | null | undefined>(allowed)
    tests.push(one => set.has(value(one)))
  }
  member(when.causes, one => one.cause)
  member(when.responses, one => one.facts.response)
  member(when.levels, one => one.level)
  member(when.grades, one => one.grade)
  member(when.products, one => one.facts.product)
  member(when.reasonFamilies, one => one.facts.reasonFamily)
  for (const [clock, classes] of Object.entries(when.classes ?? {})) member(classes, one => one.facts.classes[clock])
  return one => tests.every(holds => holds(one))
}

/** The table as an array: `[days past due between bounds][grade][level]`. */
function compileTable({ table, grades }: PolicyFile): (one: TreatmentCase) => TreatmentRule {
  const bounds = [...new Set(table.flatMap(({ daysPastDue: { from, below } }) => [from, below ?? from]))].sort(
    (a, b) => a - b,
  )
  const gradeNames = [...grades.ranges.map(({ grade }) => grade), ungraded]
  const gradeIndex = new Map(gradeNames.map((grade, index) => [grade, index]))
  const levelIndex = new Map(warningLevels.map((level, index) => [level, index]))
  const cells: TreatmentRule[] = []
  for (const day of bounds) {
    for (const grade of gradeNames) {
      for (const level of warningLevels) {
        const row = table.find(
          ({ daysPastDue: { from, below }, ...row }) =>
            from <= day &&
            (below === null || day < below) &&
            row.grades.includes(grade) &&
            (row.levels?.includes(level) ?? true),
        )
        cells.push(row === undefined ? unreachable : ruleOf(`table.${row.id}`, row.treatment, row.says))
      }
    }
  }
  return ({ grade, level, facts }) => {
    const days = facts.daysPastDue ?? 0
    let bound = 0
    while (bound + 1 < bounds.length && (bounds[bound + 1] as number) <= days) bound += 1
    const gradePlace = gradeIndex.get(grade) ?? gradeNames.length - 1
    const place = (bound * gradeNames.length + gradePlace) * warningLevels.length + (levelIndex.get(level) ?? 0)
    return cells[place] ?? unreachable
  }
}

/** Never chosen: a policy with a gap in its table is refused. */
const unreachable: TreatmentRule = { treatment: 'none', rule: 'table', says: null }
