/** The memory in the store: contacts and promises of its ledgers, and where decisions left accounts. */

import { z } from 'zod'
import { budgetCutoff, type CompiledPolicy } from '../../models/index.ts'
import { isAsIs } from '../as-is.ts'
import { gather } from '../gather.ts'
import type { Queryable } from '../store/database.ts'
import { type CaseBook, nothingRemembered, type RecallAsked, type Remembered } from './case-book.ts'
import { attemptSchema, promiseSchema, stateSchema } from './circumstances.ts'
import { bookDays, contactDays } from './ledger-sql.ts'

/** Borrowers recalled with one statement at most. */
const together = 500

/** A score doesn't wait longer than this for its memory, in milliseconds. */
const patienceMs = 1000

/** How long a cut-off holds, in milliseconds: it moves slowly, and looks at the whole book. */
const cutoffMs = 30_000

/** Everything of several borrowers with one call: what comes back is one row of three lists. */
const recallStatement = 'select contacts, promises, previous from recall($1::json, $2::int)'

const recalledSchema = z.strictObject({
  contacts: z.array(z.strictObject({ borrowerId: z.string(), contact: attemptSchema })),
  promises: z.array(z.strictObject({ borrowerId: z.string(), promise: promiseSchema })),
  previous: z.array(z.strictObject({ place: z.int(), accountId: z.string(), state: stateSchema })),
})

interface Waiting {
  readonly asked: RecallAsked
  resolve(found: Remembered): void
}

/**
 * Makes the memory. Requests that come together share a statement, as do those that come while one runs: asking about one
 * borrower takes nearly as long as asking about thirty.
 *
 * @param onFault - Told of what isn't a database that is down.
 */
export function storeCaseBook(
  database: Queryable,
  policy: () => CompiledPolicy,
  onFault: (error: unknown) => void,
): CaseBook {
  let queue: Waiting[] = []
  let busy = false
  let cutoff: { value: number | null; until: number } = { value: null, until: 0 }

  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      const now = queue.slice(0, together)
      queue = queue.slice(together)
      const found = await recallAll(
        database,
        now.map(({ asked }) => asked),
      ).catch((error: unknown) => {
        onFault(error)
        return now.map(() => forgotten)
      })
      now.forEach(({ resolve }, place) => {
        resolve(found[place] as Remembered)
      })
    }
    busy = false
  }

  return {
    recall: asked => {
      const found = asked.map(
        one =>
          new Promise<Remembered>(resolve => {
            const late = setTimeout(() => resolve(forgotten), patienceMs)
            queue.push({
              asked: one,
              resolve: remembered => {
                clearTimeout(late)
                resolve(remembered)
              },
            })
          }),
      )
      if (!busy && queue.length > 0) {
        busy = true
        gather(
          () => queue.length,
          together,
          () => void work(),
        )
      }
      return Promise.all(found)
    },
    budgetCutoff: async () => {
      const budget = policy().file.warning.budget
      if (budget === null) return null
      if (performance.now() < cutoff.until) return cutoff.value
      // The others don't wait: they take the one that was.
      cutoff = { value: cutoff.value, until: performance.now() + cutoffMs }
      const value = await within(
        findCutoff(database, budget.warnings).catch((error: unknown) => {
          onFault(error)
          return cutoff.value
        }),
        cutoff.value,
      )
      cutoff = { ...cutoff, value }
      return value
    },
  }
}

const forgotten: Remembered = { ...nothingRemembered, complete: false }

async function within<Value>(found: Promise<Value>, otherwise: Value): Promise<Value> {
  let late: NodeJS.Timeout | undefined
  const tooLate = new Promise<Value>(resolve => {
    late = setTimeout(() => resolve(otherwise), patienceMs)
  })
  const value = await Promise.race([found, tooLate])
  clearTimeout(late)
  return value
}

async function recallAll(database: Queryable, asked: readonly RecallAsked[]): Promise<Remembered[]> {
  const rows = asked.map(({ borrowerId, accountIds, asOf }, place) => ({
    place,
    borrower_id: borrowerId,
    account_ids: accountIds,
    as_of: asOf,
  }))
  const [row] = await database.query(recallStatement, [JSON.stringify(rows), contactDays])
  const found = isAsIs(recalledSchema, row) ? row : recalledSchema.parse(row)
  const contacts = listsBy(found.contacts, ({ borrowerId }) => borrowerId)
  const promises = listsBy(found.promises, ({ borrowerId }) => borrowerId)
  const previous = listsBy(found.previous, ({ place }) => place)
  return asked.map(({ borrowerId, asOf }, place) => ({
    contacts: contacts.get(borrowerId)?.map(({ contact }) => contact) ?? [],
    promises: (promises.get(borrowerId) ?? []).flatMap(({ promise }) => (promise.madeOn <= asOf ? [promise] : [])),
    previous: previous.get(place)?.map(({ accountId, state }) => ({ accountId, state })) ?? [],
    complete: true,
  }))
}

function listsBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const lists = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [item])
    else list.push(item)
  }
  return lists
}

/** PD from which there are people to act, by the latest decisions of the book; null if there are none yet. */
async function findCutoff(database: Queryable, warnings: number): Promise<number | null> {
  // The greatest so many and one: those below change nothing.
  const rows = await database.query(
    `select pd from standings
     where latest and pd is not null and as_of > (select max(as_of) from standings where latest) - $2::int
     order by pd desc limit $1::bigint + 1`,
    [warnings, bookDays],
  )
  const pds = z.array(z.object({ pd: z.number() })).parse(rows)
  return pds.length === 0
    ? null
    : budgetCutoff(
        pds.map(({ pd }) => pd),
        warnings,
      )
}
