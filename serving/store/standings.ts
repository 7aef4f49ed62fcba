/**
 * Where decisions left accounts: what the next decision, the worklist and the alerts are made from.
 *
 * It is drawn from the decisions as they are appended, so it isn't chained: the chain holds all that it says.
 */

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { warningLevels } from '../../models/index.ts'
import type { Queryable, Row } from './database.ts'

/** As much of a decision as is remembered. */
const decisionSchema = z.object({
  warningLevel: z.enum(warningLevels).nullable(),
  daysPastDue: z.int().nullable(),
  treatment: z.object({ name: z.string(), arm: z.string(), withheld: z.string().nullable() }),
  stops: z.array(z.string()),
  contact: z.unknown(),
  exposure: z.number().nullable(),
  promises: z.unknown(),
  state: z.looseObject({ pd: z.number().nullable() }),
})

const answerSchema = z.object({
  asOf: z.string(),
  borrowerId: z.string(),
  accounts: z.array(z.object({ accountId: z.string(), decision: decisionSchema })),
})

/** Where one decision leaves one account. */
export interface Standing {
  readonly decisionId: string
  readonly borrowerId: string
  readonly accountId: string
  /** `YYYY-MM-DD` */
  readonly asOf: string
  readonly decision: z.infer<typeof decisionSchema>
}

/** A standing with its decision's number in the chain. */
export interface NumberedStanding extends Standing {
  readonly seq: number
}

/** Standings in an answer; none if it holds no decisions, as answers of other protocols don't. */
export function standingsOf(decisionId: string, answer: unknown): Standing[] {
  const said = answerSchema.safeParse(answer)
  if (!said.success) return []
  const { borrowerId, asOf, accounts } = said.data
  return accounts.map(({ accountId, decision }) => ({ decisionId, borrowerId, accountId, asOf, decision }))
}

const beforeSchema = z.array(
  z.object({
    borrowerId: z.string(),
    accountId: z.string(),
    asOf: z.string(),
    treatment: z.string(),
    waitingSince: z.string(),
    warningLevel: z.enum(warningLevels).nullable(),
  }),
)
type Before = z.infer<typeof beforeSchema>[number]

const readBefore = `
  select s.borrower_id as "borrowerId", s.account_id as "accountId", s.as_of::text as "asOf", s.treatment,
    s.waiting_since::text as "waitingSince", s.warning_level as "warningLevel"
  from (select distinct borrower_id, account_id
        from json_to_recordset($1) as r (borrower_id text, account_id text)) as r
  join standings s using (borrower_id, account_id)
  where s.latest`

const noLongerLatest = `
  update standings s set latest = false
  from json_to_recordset($1) as r (borrower_id text, account_id text)
  where s.latest and s.borrower_id = r.borrower_id and s.account_id = r.account_id`

const insertStandings = `
  insert into standings (borrower_id, account_id, as_of, latest, seq, decision_id, pd, warning_level, treatment,
    arm, withheld, waiting_since, days_past_due, exposure, state, contact, stops, promises)
  select borrower_id, account_id, as_of, latest, seq, decision_id, pd, warning_level, treatment, arm, withheld,
    waiting_since, days_past_due, exposure, state, contact, stops, promises
  from json_to_recordset($1) as r (borrower_id text, account_id text, as_of date, latest boolean, seq bigint,
    decision_id uuid, pd double precision, warning_level text, treatment text, arm text, withheld text, waiting_since date, days_past_due int,
    exposure double precision, state jsonb, contact jsonb, stops jsonb, promises jsonb)
  on conflict (borrower_id, account_id, as_of) do update set
    latest = excluded.latest, seq = excluded.seq, decision_id = excluded.decision_id, pd = excluded.pd,
    warning_level = excluded.warning_level, treatment = excluded.treatment, arm = excluded.arm,
    withheld = excluded.withheld, waiting_since = excluded.waiting_since,
    days_past_due = excluded.days_past_due, exposure = excluded.exposure, state = excluded.state,
    contact = excluded.contact, stops = excluded.stops, promises = excluded.promises`

const insertAlerts = `
  insert into alerts (id, kind, subject, detail)
  select id, 'warning', subject, detail from json_to_recordset($1) as r (id uuid, subject text, detail jsonb)`

const resolveAlerts = `
  update alerts set resolved_at = now()
  from json_to_recordset($1) as r (borrower_id text, account_id text)
  where kind = 'warning' and resolved_at is null and subject = r.account_id and detail->>'borrowerId' = r.borrower_id`

/**
 * Records standings, in the order of their decisions. A decision as of an earlier date than one known changes nothing
 * of where the account stands now.
 *
 * A rise of the warning level raises an alert, which takes the place of the account's open one; a return to blue
 * resolves it.
 *
 * @param inside - The transaction in which the decisions are appended.
 */
export async function recordStandings(inside: Queryable, standings: readonly NumberedStanding[]): Promise<void> {
  if (standings.length === 0) return
  const keys = standings.map(({ borrowerId, accountId }) => ({ borrower_id: borrowerId, account_id: accountId }))
  const before = new Map<string, Before>()
  for (const row of beforeSchema.parse(await inside.query(readBefore, [JSON.stringify(keys)]))) {
    before.set(keyOf(row), row)
  }
  const rows = new Map<string, Row>()
  const latestOf = new Map<string, string>()
  const raised = new Map<string, object>()
  const resolved = new Map<string, object>()
  for (const standing of standings) {
    const { borrowerId, accountId, asOf, decision, decisionId, seq } = standing
    const key = keyOf(standing)
    const known = before.get(key)
    const latest = known === undefined || known.asOf <= asOf
    const treatment = decision.treatment.name
    const waitingSince = latest && known?.treatment === treatment ? known.waitingSince : asOf
    const rowKey = `${key} ${asOf}`
    const superseded = latestOf.get(key)
    if (latest && superseded !== undefined && superseded !== rowKey) {
      rows.set(superseded, { ...rows.get(superseded), latest: false })
    }
    rows.set(rowKey, {
      borrower_id: borrowerId,
      account_id: accountId,
      as_of: asOf,
      latest,
      seq,
      decision_id: decisionId,
      pd: decision.state.pd,
      warning_level: decision.warningLevel,
      treatment,
      arm: decision.treatment.arm,
      withheld: decision.treatment.withheld,
      waiting_since: waitingSince,
      days_past_due: decision.daysPastDue,
      exposure: decision.exposure,
      state: decision.state,
      contact: decision.contact,
      stops: decision.stops,
      promises: decision.promises,
    })
    if (!latest) continue
    latestOf.set(key, rowKey)
    const [levelNow, levelBefore] = [rankOf(decision.warningLevel), rankOf(known?.warningLevel ?? null)]
    if (levelNow > levelBefore) {
      const detail = { borrowerId, decisionId, level: decision.warningLevel, before: known?.warningLevel ?? null }
      raised.set(key, { id: randomUUID(), subject: accountId, detail })
    }
    if (levelNow === 0) raised.delete(key)
    if (levelNow > levelBefore || levelNow === 0) resolved.set(key, { borrower_id: borrowerId, account_id: accountId })
    before.set(key, { ...standing, treatment, waitingSince, warningLevel: decision.warningLevel })
  }
  const left = [...rows.values()]
  const superseding = left.flatMap(({ latest, borrower_id, account_id }) =>
    latest ? [{ borrower_id, account_id }] : [],
  )
  await inside.query(noLongerLatest, [JSON.stringify(superseding)])
  await inside.query(insertStandings, [JSON.stringify(left)])
  if (resolved.size > 0) await inside.query(resolveAlerts, [JSON.stringify([...resolved.values()])])
  if (raised.size > 0) await inside.query(insertAlerts, [JSON.stringify([...raised.values()])])
}

function keyOf({ borrowerId, accountId }: { borrowerId: string; accountId: string }): string {
  return JSON.stringify([borrowerId, accountId])
}

/** 0 = blue or none. */
function rankOf(level: (typeof warningLevels)[number] | null): number {
  return level === null ? 0 : warningLevels.indexOf(level)
}
