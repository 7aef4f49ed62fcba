/** What treating did, told by the hold-out arm: from decisions in the store and the outcomes posted since. */

import { z } from 'zod'
import { type TreatmentName, treatmentNames, type Uplift, uplift } from '../../models/index.ts'
import type { Queryable } from '../store/database.ts'

/** Which decisions count. */
export interface UpliftAsked {
  /** Treatments that the policy may hold back. */
  readonly treatments: readonly TreatmentName[]
  /** As-of dates, `YYYY-MM-DD`, both inclusive. */
  readonly from: string
  readonly to: string
  /** Months after the as-of date's month in which the event counts. */
  readonly horizonMonths: number
}

/** One treatment's uplift. */
export interface TreatmentUplift {
  readonly treatment: TreatmentName
  readonly uplift: Uplift
  /** Accounts whose outcome isn't known through the horizon: they count in neither arm. */
  readonly unknown: number
}

/** An account counts once for a treatment: from the first decision for it, or for its being held back. */
const statement = `
  with chosen as (
    select distinct on (borrower_id, account_id, chosen_treatment)
      borrower_id, account_id, coalesce(withheld, treatment) as chosen_treatment, arm, as_of,
      to_char(as_of, 'YYYY-MM') as month,
      to_char(date_trunc('month', as_of) + make_interval(months => $4::int), 'YYYY-MM') as last_month
    from standings
    where coalesce(withheld, treatment) = any($1::text[]) and as_of between $2::date and $3::date
    order by borrower_id, account_id, chosen_treatment, as_of
  ),
  known as (
    select distinct on (account_id, month) account_id, month, event, censored
    from outcomes where event is not null or censored is not null
    order by account_id, month, outcomes.id desc
  ),
  judged as (
    select c.chosen_treatment, c.arm,
      exists (select 1 from known k where k.account_id = c.account_id and k.month > c.month
              and k.month <= c.last_month and k.event) as event,
      exists (select 1 from known k where k.account_id = c.account_id and k.month = c.last_month
              and k.event is not null) as seen
    from chosen c
  )
  select chosen_treatment as treatment, arm, count(*) filter (where event or seen)::int as accounts,
    count(*) filter (where event)::int as events, count(*) filter (where not event and not seen)::int as unknown
  from judged group by chosen_treatment, arm`

const rowsSchema = z.array(
  z.object({
    treatment: z.enum(treatmentNames),
    arm: z.enum(['treated', 'hold-out']),
    accounts: z.int(),
    events: z.int(),
    unknown: z.int(),
  }),
)

/**
 * Compares the arms, treatment by treatment. Who was assigned to treatment counts as treated, whether or not anybody
 * was reached (intention to treat), as the hold-out's borrowers were never tried.
 */
export async function upliftReport(database: Queryable, asked: UpliftAsked): Promise<TreatmentUplift[]> {
  const { treatments, from, to, horizonMonths } = asked
  const rows = rowsSchema.parse(await database.query(statement, [treatments, from, to, horizonMonths]))
  return treatments.flatMap(treatment => {
    const own = rows.filter(row => row.treatment === treatment)
    if (own.length === 0) return []
    const armOf = (arm: string) => own.find(row => row.arm === arm) ?? { accounts: 0, events: 0 }
    const unknown = own.reduce((sum, row) => sum + row.unknown, 0)
    return [{ treatment, uplift: uplift(armOf('treated'), armOf('hold-out')), unknown }]
  })
}
