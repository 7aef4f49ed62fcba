/** Appends decisions to the chain in the database: all or none, each once, whoever else appends at the same time. */

import type { Database } from './database.ts'
import type { PreparedDecision } from './decision-rows.ts'
import { chainHash, firstHash } from './hash-chain.ts'
import { advisoryLock } from './migrations.ts'
import { type NumberedStanding, recordStandings } from './standings.ts'

/** The end of the chain. */
export interface ChainHead {
  /** Number of the last row; 0 if there is none. */
  readonly seq: number
  readonly hash: string
}

const insertDecisions = `
  insert into decisions (seq, id, decided_at, caller, request_id, route, model_name, model_version, manifest_hash,
    feature_hash, label_hash, policy_hash, as_of, scored_month, borrower_id, request_hash, answer_hash, request_bytes,
    payload, previous_hash, hash)
  select seq, id, decided_at, caller, request_id, route, model_name, model_version, manifest_hash, feature_hash,
    label_hash, policy_hash, as_of, scored_month, borrower_id, request_hash, answer_hash, request_bytes,
    decode(payload, 'base64'), previous_hash, hash
  from json_to_recordset($1) as r (seq bigint, id uuid, decided_at timestamptz, caller text, request_id text,
    route text, model_name text, model_version int, manifest_hash text, feature_hash text, label_hash text,
    policy_hash text, as_of date, scored_month text, borrower_id text, request_hash text, answer_hash text,
    request_bytes int, payload text, previous_hash text, hash text)`

const insertAccounts = `
  insert into decision_accounts (seq, place, account_id, population, pd)
  select seq, place, account_id, population, pd
  from json_to_recordset($1) as r (seq bigint, place int, account_id text, population text, pd double precision[])`

/** Appends decisions that the chain doesn't have yet, in order. */
export function appendDecisions(database: Database, prepared: readonly PreparedDecision[]): Promise<ChainHead> {
  return database.transaction(async inside => {
    await inside.query('select pg_advisory_xact_lock($1)::text', [advisoryLock])
    const [last] = await inside.query(
      'select seq::text as seq, hash from decisions order by decisions.seq desc limit 1',
    )
    let head: ChainHead =
      last === undefined ? { seq: 0, hash: firstHash } : { seq: Number(last.seq), hash: String(last.hash) }
    const ids = prepared.map(({ decision }) => decision.id)
    const known = await inside.query('select id::text as id from decisions where id = any($1::uuid[])', [ids])
    const seen = new Set(known.map(({ id }) => id))
    const rows: object[] = []
    const accounts: object[] = []
    const standings: NumberedStanding[] = []
    for (const { decision, payload, requestBytes, standings: left } of prepared) {
      if (seen.has(decision.id)) continue
      seen.add(decision.id)
      const seq = head.seq + 1
      const hash = chainHash(head.hash, decision)
      rows.push({
        seq,
        id: decision.id,
        decided_at: decision.decidedAt,
        caller: decision.caller,
        request_id: decision.requestId,
        route: decision.route,
        model_name: decision.model.name,
        model_version: decision.model.version,
        manifest_hash: decision.manifestHash,
        feature_hash: decision.featureHash,
        label_hash: decision.labelHash,
        policy_hash: decision.policyHash,
        as_of: decision.asOf,
        scored_month: decision.scoredMonth,
        borrower_id: decision.borrowerId,
        request_hash: decision.requestHash,
        answer_hash: decision.answerHash,
        request_bytes: requestBytes,
        payload: payload.toString('base64'),
        previous_hash: head.hash,
        hash,
      })
      decision.accounts.forEach(({ accountId, population, pd }, place) => {
        accounts.push({ seq, place, account_id: accountId, population, pd })
      })
      for (const standing of left) standings.push({ ...standing, seq })
      head = { seq, hash }
    }
    if (rows.length > 0) {
      await inside.query(insertDecisions, [JSON.stringify(rows)])
      await inside.query(insertAccounts, [JSON.stringify(accounts)])
      await recordStandings(inside, standings)
    }
    return head
  })
}
