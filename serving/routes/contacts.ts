/** `POST /v1/contacts/permit`: may this borrower be contacted now, by this channel? */

import { type Request, type Response, Router } from 'express'
import { permit, stopNames } from '../../models/index.ts'
import { permitRequestSchema } from '../decisions/case-messages.ts'
import type { Deciding } from '../decisions/with-decisions.ts'
import { parseBody } from '../validate.ts'

/** Adds the routes about contact. */
export function contactRoutes(deciding: Deciding): Router {
  const router = Router()

  router.post('/v1/contacts/permit', async (request: Request, response: Response) => {
    const asked = parseBody(permitRequestSchema, request.body, () => [])
    const at = asked.at === undefined ? deciding.now() : Date.parse(asked.at)
    const policy = deciding.policy()
    const contacts = asked.contacts ?? (await remembered(deciding, asked.borrowerId, at))
    const { file, hash } = policy
    response.json({
      policy: { name: file.name, version: file.version, hash },
      permit: permit(policy.contact, {
        accountId: asked.accountId,
        channel: asked.channel,
        purpose: asked.purpose,
        party: asked.party,
        at,
        jurisdiction: asked.jurisdiction ?? null,
        timeZone: asked.timeZone ?? null,
        consents: asked.consents ?? [],
        refusals: asked.refusals ?? [],
        attempts: contacts?.map(one => ({ ...one, at: Date.parse(one.at) })) ?? null,
        stop: stopNames.find(stop => asked.stops?.includes(stop)) ?? null,
      }),
    })
  })

  return router
}

/** Contacts in the server's own ledger; null if it can't be read. */
async function remembered({ book }: Deciding, borrowerId: string, at: number) {
  const asOf = new Date(at).toISOString().slice(0, 10)
  const [known] = await book.recall([{ borrowerId, accountIds: [], asOf }])
  return known?.complete === true ? known.contacts : null
}
