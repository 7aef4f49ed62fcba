/** From a journal's record to a row of the chain, and from the database's rows back. */

import { promisify } from 'node:util'
import { deflateRawSync, inflateRaw } from 'node:zlib'
import { z } from 'zod'
import type { Row } from './database.ts'
import { type ChainedDecision, sha256 } from './hash-chain.ts'
import { instantText } from './instant-sql.ts'
import type { JournalRecord } from './journal-format.ts'
import { type Standing, standingsOf } from './standings.ts'

const inflate = promisify<Uint8Array, Buffer>(inflateRaw)

/** As much of an answer as becomes columns. */
const answerSchema = z.object({
  requestId: z.string(),
  model: z.object({
    name: z.string(),
    version: z.int(),
    manifestHash: z.string(),
    featureHash: z.string(),
    labelHash: z.string(),
  }),
  policy: z.object({ hash: z.string() }).nullish(),
  asOf: z.string().nullish(),
  scoredMonth: z.string().nullish(),
  borrowerId: z.string().nullish(),
  accounts: z.array(
    z.object({
      accountId: z.string().nullish(),
      population: z.string(),
      pd: z.array(z.object({ probability: z.number() })).nullable(),
    }),
  ),
})

/** A decision ready for the chain, and its payload: request and answer, compressed together. */
export interface PreparedDecision {
  readonly decision: ChainedDecision
  readonly payload: Buffer
  readonly requestBytes: number
  /** Where it leaves its accounts. */
  readonly standings: readonly Standing[]
}

/**
 * Prepares a record of the journal.
 *
 * It is compressed here and now: handing it to another thread and back takes as long again, and the owner of a store has
 * a thread of its own.
 *
 * @throws ZodError or SyntaxError if the answer isn't one: a fault of ours, since we wrote it.
 */
export function prepareDecision({ head, request, answer }: JournalRecord): PreparedDecision {
  const json: unknown = JSON.parse(Buffer.from(answer).toString())
  const said = answerSchema.parse(json)
  const decision: ChainedDecision = {
    id: head.id,
    decidedAt: head.decidedAt,
    caller: head.caller,
    requestId: said.requestId,
    route: head.route,
    model: { name: said.model.name, version: said.model.version },
    manifestHash: said.model.manifestHash,
    featureHash: said.model.featureHash,
    labelHash: said.model.labelHash,
    policyHash: said.policy?.hash ?? null,
    asOf: said.asOf ?? null,
    scoredMonth: said.scoredMonth ?? null,
    borrowerId: said.borrowerId ?? null,
    requestHash: sha256(request),
    answerHash: sha256(answer),
    accounts: said.accounts.map(({ accountId, population, pd }) => ({
      accountId: accountId ?? null,
      population,
      pd: pd?.map(({ probability }) => probability) ?? null,
    })),
  }
  const payload = deflateRawSync(Buffer.concat([request, answer]), { level: 1 })
  return { decision, payload, requestBytes: request.length, standings: standingsOf(head.id, json) }
}

/** Columns of a decision for {@link readDecision}; `d` is the table. */
export const decisionColumns = `
  d.seq::text as seq, d.id::text as id,
  ${instantText('d.decided_at')} as decided_at,
  d.caller, d.request_id, d.route, d.model_name, d.model_version, d.manifest_hash, d.feature_hash, d.label_hash,
  d.policy_hash, d.as_of::text as as_of, d.scored_month, d.borrower_id, d.request_hash, d.answer_hash, d.request_bytes,
  encode(d.payload, 'base64') as payload, d.previous_hash, d.hash,
  (select json_agg(json_build_object('accountId', a.account_id, 'population', a.population, 'pd', a.pd) order by a.place)
   from decision_accounts a where a.seq = d.seq) as accounts`

const rowSchema = z.object({
  seq: z.string(),
  id: z.string(),
  decided_at: z.string(),
  caller: z.string().nullable(),
  request_id: z.string(),
  route: z.string(),
  model_name: z.string(),
  model_version: z.int(),
  manifest_hash: z.string(),
  feature_hash: z.string(),
  label_hash: z.string(),
  policy_hash: z.string().nullable(),
  as_of: z.string().nullable(),
  scored_month: z.string().nullable(),
  borrower_id: z.string().nullable(),
  request_hash: z.string(),
  answer_hash: z.string(),
  request_bytes: z.int(),
  payload: z.string(),
  previous_hash: z.string(),
  hash: z.string(),
  accounts: z
    .array(z.object({ accountId: z.string().nullable(), population: z.string(), pd: z.array(z.number()).nullable() }))
    .nullable(),
})

/** A decision as it lies in the database. */
export interface StoredDecision {
  readonly seq: number
  readonly decision: ChainedDecision
  readonly previousHash: string
  readonly hash: string
  /** Request and answer as they were. @throws Error if the payload can't be inflated. */
  payload(): Promise<{ request: Buffer; answer: Buffer }>
}

/** Reads a row of {@link decisionColumns}. */
export function readDecision(from: Row): StoredDecision {
  const row = rowSchema.parse(from)
  return {
    seq: Number(row.seq),
    decision: {
      id: row.id,
      decidedAt: row.decided_at,
      caller: row.caller,
      requestId: row.request_id,
      route: row.route,
      model: { name: row.model_name, version: row.model_version },
      manifestHash: row.manifest_hash,
      featureHash: row.feature_hash,
      labelHash: row.label_hash,
      policyHash: row.policy_hash,
      asOf: row.as_of,
      scoredMonth: row.scored_month,
      borrowerId: row.borrower_id,
      requestHash: row.request_hash,
      answerHash: row.answer_hash,
      accounts: row.accounts ?? [],
    },
    previousHash: row.previous_hash,
    hash: row.hash,
    payload: async () => {
      const bytes = await inflate(Buffer.from(row.payload, 'base64'))
      return { request: bytes.subarray(0, row.request_bytes), answer: bytes.subarray(row.request_bytes) }
    },
  }
}
