/** A logged decision made again, to the byte: from its request, what the log says was remembered, model and policy. */

import { z } from 'zod'
import { contentHash, InputError } from '../../data/index.ts'
import type { CompiledPolicy, Model, RulePack } from '../../models/index.ts'
import { scoreBorrowers } from '../score.ts'
import { directScorer } from '../scorer.ts'
import { parseScoreRequest } from '../validate.ts'
import { decidedSchema, policyIdentitySchema } from './decision-messages.ts'
import { decideAll } from './with-decisions.ts'

/** What an answer says of itself: by what it was made. */
export const loggedSchema = z.looseObject({
  requestId: z.string(),
  decisionId: z.string(),
  model: z.looseObject({ name: z.string(), version: z.int(), manifestHash: z.string() }),
  policy: policyIdentitySchema,
  decided: decidedSchema,
})

/** A decision as it lies in the log. */
export interface LoggedBytes {
  readonly request: Uint8Array | string
  readonly answer: Uint8Array | string
}

/**
 * Makes a decision again.
 *
 * @returns The answer's JSON: the same bytes that were logged, if nothing has been tampered with.
 * @throws InputError if model, policy or rule packs aren't those that decided.
 */
export async function reproduceAnswer(
  logged: LoggedBytes,
  model: Model,
  policy: CompiledPolicy,
  packs: readonly RulePack[],
): Promise<string> {
  const said = loggedSchema.parse(JSON.parse(textOf(logged.answer)))
  mustBe('policy', said.policy.hash, policy.hash)
  mustBe('rule packs', said.decided.rulePacks, contentHash(packs))
  mustBe('model', said.model.manifestHash, model.manifestHash)
  const request = parseScoreRequest(JSON.parse(textOf(logged.request)))
  const asked = { requestId: said.requestId, decisionId: said.decisionId, request }
  const [answer] = scoreBorrowers(model, [asked])
  if (answer === undefined) throw new Error('one request has one answer')
  const scorer = directScorer(() => model)
  return JSON.stringify(await decideAll(scorer, packs, policy, asked, answer, said.decided))
}

function mustBe(field: string, logged: string, given: string): void {
  if (logged === given) return
  throw new InputError({
    source: 'decision',
    field,
    found: logged,
    expected: `${given}, the one given`,
    rule: 'another-hash',
  })
}

const textOf = (bytes: Uint8Array | string): string =>
  typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')
