/** What a client may ask and say about contacts, promises and the worklist, and what it is answered. */

import { z } from 'zod'
import { contactPurposes, stopNames } from '../../models/index.ts'
import { channelSchema, contactFactsSchema } from './circumstances.ts'
import { permitSchema, policyIdentitySchema } from './decision-messages.ts'

const identifier = z.string().min(1).max(200)
const instant = z.iso.datetime({ offset: true })

/** May this borrower be contacted? */
export const permitRequestSchema = z
  .strictObject({
    borrowerId: identifier,
    accountId: identifier,
    channel: channelSchema,
    purpose: z.enum(contactPurposes),
    party: z.enum(['borrower', 'third-party']).default('borrower'),
    at: instant.optional().describe('Left out, now.'),
    stops: z.array(z.enum(stopNames)).max(stopNames.length).optional(),
    ...contactFactsSchema.shape,
  })
  .meta({ id: 'PermitRequest' })

/** The answer to whether a borrower may be contacted. */
export const permitResponseSchema = z
  .object({ policy: policyIdentitySchema, permit: permitSchema })
  .meta({ id: 'PermitResponse' })
