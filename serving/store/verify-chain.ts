/** Reads the whole chain and says which rows were altered, taken out or moved. */

import type { ChainHead } from './append-decisions.ts'
import type { Queryable } from './database.ts'
import { decisionColumns, readDecision, type StoredDecision } from './decision-rows.ts'
import { chainHash, firstHash, sha256 } from './hash-chain.ts'

/** Something wrong with the chain. */
export interface ChainFinding {
  readonly kind: 'altered' | 'missing' | 'reordered'
  /** Number of the row, or where it should be. */
  readonly seq: number
  /** Id of the decision, where there is one. */
  readonly id: string | null
  readonly says: string
}

/** What was found. */
export interface ChainReport {
  readonly rows: number
  readonly head: ChainHead
  readonly findings: readonly ChainFinding[]
}

/** Rows read at a time. */
const rowsAtATime = 500

/**
 * Verifies every decision.
 *
 * @param anchor - An end of the chain noted earlier, elsewhere: without one, rows taken off the end can't be missed.
 */
export async function verifyChain(database: Queryable, anchor?: ChainHead): Promise<ChainReport> {
  const findings: ChainFinding[] = []
  let head: ChainHead = { seq: 0, hash: firstHash }
  let anchored = anchor === undefined
  let rows = 0
  for (;;) {
    const page = await database.query(
      `select ${decisionColumns} from decisions d where d.seq > $1 order by d.seq limit ${rowsAtATime}`,
      [head.seq],
    )
    if (page.length === 0) break
    for (const row of page) {
      const stored = readDecision(row)
      rows += 1
      findings.push(...(await checkRow(database, head, stored)))
      if (anchor !== undefined && stored.seq === anchor.seq && stored.hash === anchor.hash) anchored = true
      head = { seq: stored.seq, hash: stored.hash }
    }
  }
  if (!anchored && anchor !== undefined) {
    findings.push({
      kind: head.seq < anchor.seq ? 'missing' : 'altered',
      seq: anchor.seq,
      id: null,
      says:
        head.seq < anchor.seq
          ? `the chain ended at row ${anchor.seq} once; now it ends at row ${head.seq}`
          : `row ${anchor.seq} isn’t the one that ended the chain once`,
    })
  }
  return { rows, head, findings }
}

async function checkRow(database: Queryable, before: ChainHead, stored: StoredDecision): Promise<ChainFinding[]> {
  const { seq, decision, previousHash, hash } = stored
  const findings: ChainFinding[] = []
  const add = (kind: ChainFinding['kind'], says: string, at = seq, id: string | null = decision.id): void => {
    findings.push({ kind, seq: at, id, says })
  }
  const gap = seq - before.seq - 1
  if (gap > 0) {
    add(
      'missing',
      gap === 1 ? `row ${seq - 1} is missing` : `rows ${before.seq + 1} to ${seq - 1} are missing`,
      before.seq + 1,
      null,
    )
  } else if (previousHash !== before.hash) {
    const [follows] =
      previousHash === firstHash
        ? [{ seq: '0' }]
        : await database.query('select seq::text as seq from decisions where hash = $1', [previousHash])
    if (follows === undefined) add('missing', `the row that row ${seq} was written after is missing or was replaced`)
    else add('reordered', `row ${seq} was written after row ${follows.seq}, not after row ${before.seq}`)
  }
  if (chainHash(previousHash, decision) !== hash) add('altered', `row ${seq} isn’t what was written`)
  const payload = await stored.payload().catch(() => null)
  if (payload === null) add('altered', `the payload of row ${seq} can’t be read`)
  else if (sha256(payload.request) !== decision.requestHash)
    add('altered', `the request of row ${seq} isn’t the one that came`)
  else if (sha256(payload.answer) !== decision.answerHash)
    add('altered', `the answer of row ${seq} isn’t the one that was given`)
  return findings
}
