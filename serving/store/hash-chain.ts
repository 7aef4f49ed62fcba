/** Chains decisions: each row's hash covers the row before it, so no row can be altered, taken out or moved unseen. */

import { createHash } from 'node:crypto'
import { canonicalJson } from '../../data/index.ts'

/** The hash that the first row follows. */
export const firstHash = '0'.repeat(64)

/** One account of a decision, as the chain covers it. */
export interface ChainedAccount {
  readonly accountId: string | null
  readonly population: string
  /** PD within 1 … H months; null unless scored. */
  readonly pd: readonly number[] | null
}

/** What the chain covers of a decision: all but the payload, of which it covers the hashes. */
export interface ChainedDecision {
  readonly id: string
  /** ISO 8601 in UTC, to the millisecond. */
  readonly decidedAt: string
  readonly caller: string | null
  readonly requestId: string
  readonly route: string
  readonly model: { readonly name: string; readonly version: number }
  readonly manifestHash: string
  readonly featureHash: string
  readonly labelHash: string
  readonly policyHash: string | null
  readonly asOf: string | null
  readonly scoredMonth: string | null
  readonly borrowerId: string | null
  readonly requestHash: string
  readonly answerHash: string
  readonly accounts: readonly ChainedAccount[]
}

/** SHA-256 in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Hash of a row: SHA-256 over the hash of the row before it, a newline, and the decision as canonical JSON. */
export function chainHash(previousHash: string, decision: ChainedDecision): string {
  return sha256(`${previousHash}\n${canonicalJson(decision)}`)
}
