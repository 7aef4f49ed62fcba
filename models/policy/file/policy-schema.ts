/** What a policy file may hold, as zod schemas: the published JSON Schema and the types come from them. */

import { z } from 'zod'
import { dateText } from '../../../data/index.ts'
import { contactSchema } from './contact-schema.ts'
import { daysPastDueRange, each, name, probability, sourceName, text, texts, whole } from './parts.ts'
import { treatmentSchemas } from './treatment-schema.ts'

/** Warning levels, from the least to the gravest. */
export const warningLevels = ['blue', 'yellow', 'orange', 'red'] as const

/** A warning level. */
export type WarningLevel = (typeof warningLevels)[number]

/** What may be done to the credit of a borrower who is warned about. */
export const creditActions = ['none', 'review', 'freeze', 'reduce'] as const

const level = z.enum(warningLevels)

const hysteresis = {
  moveMargin: probability.describe('Share by which a boundary must be crossed for a move at once, such as 0.2.'),
  moveAfterScorings: whole(1, 24).describe('Scorings in a row beyond a boundary after which it moves all the same.'),
}

const sourceSchema = z
  .strictObject({
    kind: z
      .enum(['regulation', 'publication', 'example'])
      .describe('example: chosen by us or by you, with no authority behind it; check it before relying on it.'),
    says: text.describe('What it is, and where in it the number stands.'),
    url: z.url().optional(),
  })
  .meta({ id: 'PolicySource' })

const scaleSchema = z
  .strictObject({
    source: sourceName,
    baseScore: z.number().min(-1e6).max(1e6).describe('Points at the base odds.'),
    baseOdds: z.number().positive().max(1e9).describe('Good : bad at which the base score is given.'),
    pointsToDoubleOdds: z
      .number()
      .positive()
      .max(1e6)
      .describe('Points by which the score rises when the odds double.'),
  })
  .describe('Points = offset + factor × ln(odds); more points, less risk.')

const gradesSchema = z
  .strictObject({
    source: sourceName,
    horizonMonths: whole(1, 24).describe('PD within so many months is graded; the model’s longest if that is shorter.'),
    ...hysteresis,
    ranges: z
      .array(z.strictObject({ grade: name, from: probability, below: probability }))
      .min(2)
      .max(30)
      .describe('From the best grade to the worst, from 0 to 1 without gap or overlap.'),
  })
  .describe('Master scale on PD.')

const warningSchema = z
  .strictObject({
    source: sourceName,
    horizonMonths: whole(1, 24),
    ...hysteresis,
    quietDays: whole(0, 365).describe('Days after a change in which a level stays as it is, unless it turns red.'),
    levels: z
      .array(z.strictObject({ level, from: probability, below: probability }))
      .length(warningLevels.length)
      .describe('PD of each level, from 0 to 1 without gap or overlap.'),
    rise: z
      .strictObject({
        times: z.number().min(1).max(1000).describe('PD has grown at least so many times since the last scoring,'),
        atLeast: probability.describe('and by at least so much: then the level is one higher.'),
      })
      .nullable(),
    budget: z
      .strictObject({
        warnings: whole(1, 1e9).describe('As many accounts as there are people to act on, at one scoring.'),
        from: level.describe('Levels from this one up are warnings.'),
      })
      .nullable()
      .describe('Null: no limit.'),
  })
  .describe('Warning level from PD, its change, and the number of warnings that can be acted on.')

const worklistSchema = z.strictObject({
  source: sourceName,
  lossGivenDefault: probability.describe('Share of the exposure that is lost when an account goes bad.'),
  overdueProbability: z
    .array(
      z.strictObject({
        daysPastDue: daysPastDueRange,
        probability,
      }),
    )
    .min(1)
    .describe('Probability of loss of an account that is too overdue for the model; from 0 without gap or overlap.'),
  reservedShare: probability.describe('Share of the capacity kept for those who have waited longest.'),
  longestWaitDays: whole(0, 3650).describe('Days of waiting from which a case has a claim to the reserved share.'),
})

const holdOutSchema = z
  .strictObject({
    source: sourceName,
    share: z.number().min(0).max(0.5).describe('Share of borrowers from whom the treatments below are held back.'),
    salt: z.string().min(1).max(100).describe('Change it to draw another arm.'),
    treatments: z.array(name).describe('Treatments that may be held back.'),
  })
  .describe('Who is left untreated, by a hash of the borrower, so that the effect of treating can be measured.')

const careSchema = z.strictObject({
  source: sourceName,
  reasonsAtMost: whole(1, 4).describe('Reasons given to a borrower.'),
  payWithinDays: whole(1, 62).describe('“Pay by” is so many days after the as-of date.'),
  lessons: z
    .array(
      z.strictObject({
        id: name,
        families: z.array(name).min(1).describe('Families of features whose reasons it answers.'),
        title: texts,
        text: texts,
      }),
    )
    .max(100),
})

const creditSchema = z.strictObject({
  source: sourceName,
  actions: each(warningLevels, z.enum(creditActions)),
  noticeDays: whole(1, 365).describe('Days within which a notice of adverse action is due.'),
})

/** A policy file. */
export const policySchema = z
  .strictObject({
    $schema: z.string().optional(),
    schemaVersion: z.literal(1),
    name,
    version: whole(1, 1e6),
    effectiveFrom: dateText,
    says: text,
    currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as CNY'),
    sources: z.record(name, sourceSchema),
    scale: scaleSchema,
    grades: gradesSchema,
    warning: warningSchema,
    ...treatmentSchemas,
    holdOut: holdOutSchema,
    contact: contactSchema,
    worklist: worklistSchema,
    promises: z.strictObject({
      source: sourceName,
      graceDays: whole(0, 60).describe('Days after the promised date in which a payment still keeps it.'),
    }),
    care: careSchema,
    credit: creditSchema,
  })
  .meta({ id: 'Policy', title: 'Harbinger policy' })

/** A policy file, checked. */
export type PolicyFile = z.infer<typeof policySchema>

/** The JSON Schema (2020-12) of a policy file, for editors: docs/reference/policy.schema.json. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(policySchema, { io: 'input' })
}
