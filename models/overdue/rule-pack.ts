/** A rule pack: one legal clock as versioned data, in which every number has a source. */

import { z } from 'zod'
import { dateText } from '../../data/index.ts'

/** What a number rests on: the text itself, a secondary source, an industry convention, or nothing yet: an example. */
const basis = z.enum(['text', 'secondary', 'convention', 'example'])
const sourced = { source: z.string().min(1), basis } as const
const days = z.int().min(0).max(20_000)
const texts = z.strictObject({ en: z.string().min(1), zh: z.string().min(1) })
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+-]*$/, 'letters, digits, + and -')

const classSchema = z.strictObject({
  id: name,
  /** Left out: the id is the name. */
  name: texts.optional(),
  /** Counted days past due, both ends included; `to` null = without end. */
  daysPastDue: z.strictObject({ from: days, to: days.nullable() }),
  nonPerforming: z.boolean().default(false),
  /** Never left again, as a charge-off. */
  final: z.boolean().default(false),
})

/** Which products a clock is made for: instalment loans (closed-end), or cards and credit lines (open-end). */
export const productKinds = ['loan', 'line'] as const

/** An instalment loan, or a card or credit line. */
export type ProductKind = (typeof productKinds)[number]

const shape = z.strictObject({
  id: name,
  version: z.int().min(1),
  title: texts,
  /** Country code, `EU`, `IFRS` or `any`. */
  jurisdiction: z.string().min(2).max(10),
  products: z.array(z.enum(productKinds)).min(1),
  effectiveFrom: dateText,
  /** Last day on which it is in force; left out, it still is. */
  effectiveTo: dateText.optional(),
  ...sourced,
  /** From the mildest to the worst; together their ranges hold every count of days once. */
  classes: z.array(classSchema).min(2),
  /**
   * From what days are counted: the due date of the oldest instalment that isn't fully paid, or the day from which the
   * amount overdue has been material without a break.
   */
  countsFrom: z.enum(['oldest-unpaid', 'material-breach']).default('oldest-unpaid'),
  /** Days taken off before days are looked up in the ranges. */
  graceDays: z.strictObject({ days, ...sourced }).optional(),
  /** Amounts overdue up to these don't count. Both must be exceeded. */
  materiality: z
    .strictObject({
      /** By ISO 4217 code, in units of the currency; a currency that isn't listed has no absolute threshold. */
      amount: z.record(z.string().regex(/^[A-Z]{3}$/), z.number().min(0)),
      /** Share of everything owed on the account. */
      share: z.number().min(0).max(1),
      ...sourced,
    })
    .optional(),
  /** Overdue that the lender's or the bank's systems caused doesn't count while it lasts no longer than this. */
  technicalOverdue: z.strictObject({ daysAtMost: days, ...sourced }).optional(),
  /** Do days of a pause count? */
  pauses: z.strictObject({ stopClock: z.boolean(), ...sourced }),
  /** What it takes to come out of a class (or a worse one, up to the next rule) once nothing is overdue any more. */
  upgrades: z
    .array(
      z.strictObject({
        from: name,
        /** Best class that it leads to; left out, what days past due say. */
        to: name.optional(),
        /** Months without anything overdue. */
        months: z.int().min(0).max(120),
        /** Instalments that fell due and were paid in these months; both must be reached. */
        instalments: z.int().min(0).max(120),
        ...sourced,
      }),
    )
    .default([]),
  /** Where a restructured account stands at least, and for how long. */
  restructured: z
    .strictObject({
      atLeast: name,
      months: z.int().min(1).max(120),
      /** Only if the net present value fell by more than this share; left out, always. */
      ifNpvLossAbove: z.number().min(0).max(1).optional(),
      ...sourced,
    })
    .optional(),
  /** How often an account may be made current again without full payment. */
  reAge: z
    .strictObject({
      monthsOnBookAtLeast: z.int().min(0),
      paymentsInARowAtLeast: z.int().min(0),
      atMost: z.array(z.strictObject({ times: z.int().min(0), months: z.int().min(1) })),
      ...sourced,
    })
    .optional(),
})

/** A rule pack as its file holds it; what its parts say together is checked too. */
export const rulePackSchema = shape
  .superRefine((pack, context) => {
    const complain = (message: string, ...path: (string | number)[]): void => {
      context.addIssue({ code: 'custom', message, path })
    }
    checkRanges(pack.classes, complain)
    const ids = pack.classes.map(({ id }) => id)
    const known = (id: string | undefined, ...path: (string | number)[]): number => {
      const place = id === undefined ? Number.NaN : ids.indexOf(id)
      if (place === -1) complain(`a class of this pack: ${ids.join(', ')}`, ...path)
      return place
    }
    let before = -1
    const ascending = [...pack.upgrades].sort((a, b) => ids.indexOf(a.from) - ids.indexOf(b.from))
    pack.upgrades.forEach((rule, place) => {
      const from = known(rule.from, 'upgrades', place, 'from')
      const to = known(rule.to, 'upgrades', place, 'to')
      if (to >= from) complain('a class milder than "from"', 'upgrades', place, 'to')
      else if (to > 0 && !pack.upgrades.some(other => other.from === rule.to)) {
        complain(`a rule from ${rule.to} too, as it would be left again the next day`, 'upgrades', place, 'to')
      }
    })
    for (const { from } of ascending) {
      if (ids.indexOf(from) === before) complain(`one rule for ${from}`, 'upgrades')
      before = ids.indexOf(from)
    }
    known(pack.restructured?.atLeast ?? ids[0], 'restructured', 'atLeast')
    if (pack.countsFrom === 'material-breach' && pack.materiality === undefined) {
      complain('a materiality, as days count from its breach', 'materiality')
    }
    if (pack.effectiveTo !== undefined && pack.effectiveTo < pack.effectiveFrom) {
      complain('a day no earlier than effectiveFrom', 'effectiveTo')
    }
  })
  .meta({ id: 'RulePack' })

/** A legal clock as data. */
export type RulePack = z.infer<typeof rulePackSchema>

/** Ranges begin at 0, follow one another day by day, and the last has no end. */
function checkRanges(
  classes: readonly z.infer<typeof classSchema>[],
  complain: (message: string, ...path: (string | number)[]) => void,
): void {
  const seen = new Set<string>()
  let next: number | null = 0
  classes.forEach(({ id, daysPastDue: { from, to } }, place) => {
    const path = ['classes', place, 'daysPastDue'] as const
    if (seen.has(id)) complain(`each class once, not ${id} again`, 'classes', place, 'id')
    seen.add(id)
    if (next === null) complain(`no class after one without end`, ...path)
    else if (from > next) complain(`no gap: days ${next} to ${from - 1} have no class`, ...path, 'from')
    else if (from < next) complain(`no overlap: day ${from} has a class already`, ...path, 'from')
    if (to !== null && to < from) complain('an end no earlier than its beginning', ...path, 'to')
    next = to === null ? null : to + 1
  })
  if (next !== null)
    complain(`a last class without end ("to": null)`, 'classes', classes.length - 1, 'daysPastDue', 'to')
}
