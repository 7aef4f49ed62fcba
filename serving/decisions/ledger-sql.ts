/** What statements about the ledgers share: how far back they look, and a contact as JSON. */

import { instantText } from '../store/instant-sql.ts'

/** Contacts longer ago than this bear on no rule. */
export const contactDays = 400

/** Decisions count for the book as many days after its latest as-of date: for the budget of warnings, and the worklist. */
export const bookDays = 62

/** A row `c` of `contacts` as `ContactAttempt`. */
export const contactJson = `json_build_object('accountId', coalesce(c.account_id, ''), 'channel', c.channel,
  'at', ${instantText('c.contacted_at')}, 'conversation', c.conversation)`
