/** Stores what a challenger would have said beside what the champion did say. */

import type { ScoreResponse } from '../requests.ts'
import type { Queryable } from './database.ts'

/** Stores shadow scores; one that is there already stays. @throws StoreDownError if the database is down. */
export async function recordShadowScores(database: Queryable, scores: readonly ScoreResponse[]): Promise<void> {
  const rows = scores.map(({ decisionId, model, accounts }) => ({
    decision_id: decisionId,
    model_name: model.name,
    model_version: model.version,
    accounts: accounts.map(({ accountId, population, pd }) => ({
      accountId,
      population,
      pd: pd?.map(({ probability }) => probability) ?? null,
    })),
  }))
  await database.query(
    `insert into shadow_scores (decision_id, model_name, model_version, accounts)
     select decision_id, model_name, model_version, accounts
     from json_to_recordset($1) as r (decision_id uuid, model_name text, model_version int, accounts jsonb)
     on conflict do nothing`,
    [JSON.stringify(rows)],
  )
}
