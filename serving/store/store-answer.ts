/** Turns a database that doesn't answer into the problem that a client learns of. */

import { ProblemError } from '../problems.ts'
import { StoreDownError } from './store-client.ts'

/**
 * Waits for the database.
 *
 * @throws ProblemError `store-unavailable` if it is down.
 */
export async function storeAnswer<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof StoreDownError) throw new ProblemError('store-unavailable', 'The database doesn’t answer.')
    throw error
  }
}
