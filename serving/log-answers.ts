/** Between scoring and answering: the decisions are logged, and the text that was logged is the text that is sent. */

import type { ScoreResponse } from './requests.ts'
import type { IdentifiedRequest } from './score.ts'
import type { DecisionLog } from './store/decision-log.ts'

/** A request that was scored, and its answer. */
export interface Answered {
  readonly asked: IdentifiedRequest
  readonly answer: ScoreResponse
  /** The request's JSON as it came, if there is such; else it is serialized. */
  readonly source?: Uint8Array | undefined
}

/** Who asked, and how. */
export interface Asking {
  /** Id of the caller's key; null if nobody needs one. */
  readonly caller: string | null
  /** The route's path, as in the OpenAPI document. */
  readonly route: string
}

/**
 * Logs decisions.
 *
 * @returns Each answer as JSON in UTF-8, in order, once all are in the log: send these.
 * @throws ProblemError `store-unavailable` if any could not be logged: send none.
 */
export async function logAnswers(
  log: DecisionLog,
  { caller, route }: Asking,
  answers: readonly Answered[],
): Promise<Buffer[]> {
  const texts = answers.map(({ answer }) => Buffer.from(JSON.stringify(answer)))
  await Promise.all(
    answers.map(({ asked, source }, place) =>
      log.append({
        id: asked.decisionId,
        caller,
        route,
        request: source ?? JSON.stringify(asked.request),
        answer: texts[place] as Buffer,
      }),
    ),
  )
  return texts
}
