/** Every problem that the server answers with, in one table, as RFC 9457 problem documents. */

import { z } from 'zod'

/** Slug → status and title. A client may rely on `type`, which is `/problems/<slug>`. */
export const problems = {
  'invalid-json': {
    status: 400,
    title: 'The body is not valid JSON',
    says: 'The body could not be read as JSON: NaN, Infinity, comments and trailing commas are no JSON.',
  },
  'bad-request': {
    status: 400,
    title: 'The request can’t be read',
    says: 'The request breaks HTTP in some way, such as a wrong length or encoding.',
  },
  unauthorized: {
    status: 401,
    title: 'Who asks is not known',
    says: 'There is no key or token, or it is unknown, wrong, revoked or expired. The `WWW-Authenticate` header says which of the two.',
  },
  forbidden: {
    status: 403,
    title: 'The caller may not do this',
    says: 'The key or token lacks the scope that `detail` names, or a page of another site sent the request.',
  },
  'not-found': { status: 404, title: 'There is nothing here', says: 'No route has this path.' },
  'decision-not-found': {
    status: 404,
    title: 'There is no such decision',
    says: 'No decision has this id, or it was given only now: it takes a moment until it can be read.',
  },
  'model-not-found': {
    status: 404,
    title: 'There is no such model',
    says: 'No model of this name and version is saved, or, where it should answer, loaded: a version is loaded while an alias points at it.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not allowed here',
    says: 'The `Allow` header lists the methods that are.',
  },
  'model-refused': {
    status: 409,
    title: 'The model is refused',
    says: 'Its files are damaged, or it was made for other features or another label. The models in use stay.',
  },
  'model-conflict': {
    status: 409,
    title: 'The models in use are not as this request expects',
    says: 'The version isn’t the champion or challenger any more, there is none to go back to, or the server was told to stay with one model.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    says: 'The whole body must arrive within HARBINGER_TIMEOUT_MS.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    says: 'See HARBINGER_BODY_LIMIT; split a batch into several.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body must be JSON',
    says: 'Send `Content-Type: application/json`, uncompressed or gzipped.',
  },
  'invalid-request': {
    status: 422,
    title: 'The request is not as expected',
    says: '`errors` lists what is wrong with which part of the body, by JSON pointer.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    says: 'The same key came before with another body: send each new request with a new key.',
  },
  'too-many-requests': {
    status: 429,
    title: 'The caller sends too many requests',
    says: 'More came than HARBINGER_RATE_LIMIT and HARBINGER_RATE_BURST allow one caller; try again after `Retry-After` seconds.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong here',
    says: 'A fault of the server; the log has it under the request’s id.',
  },
  'too-busy': {
    status: 503,
    title: 'The server is too busy',
    says: 'More requests wait than can be answered in time; try again after `Retry-After` seconds, or another replica.',
  },
  'authentication-unavailable': {
    status: 503,
    title: 'Who asks can’t be found out now',
    says: 'What knows the keys doesn’t answer, and nobody unknown is let in. Try again after `Retry-After` seconds.',
  },
  'store-unavailable': {
    status: 503,
    title: 'The decision can’t be logged',
    says: 'No decision is given that isn’t logged. Try again after `Retry-After` seconds.',
  },
  'not-ready': {
    status: 503,
    title: 'The server is not ready',
    says: 'It is starting or stopping; try another replica, or again after `Retry-After` seconds.',
  },
} as const satisfies Record<string, { status: number; title: string; says: string }>

/** Name of a problem. */
export type ProblemSlug = keyof typeof problems

/** What is wrong with one part of a body. */
export interface FieldError {
  /** JSON pointer (RFC 6901) into the body. */
  readonly pointer: string
  readonly detail: string
}

/** A problem document. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })

/** A problem document. */
export type Problem = z.infer<typeof problemSchema>

/** A problem, thrown where it is found and answered in one place. */
export class ProblemError extends Error {
  readonly slug: ProblemSlug
  readonly errors: readonly FieldError[]

  constructor(slug: ProblemSlug, detail: string, errors: readonly FieldError[] = []) {
    super(detail)
    this.name = 'ProblemError'
    this.slug = slug
    this.errors = errors
  }
}

/**
 * The document of a problem.
 *
 * @param instance - Id of the request.
 */
export function problemDocument(error: ProblemError, instance: string): Problem {
  const { status, title } = problems[error.slug]
  return {
    type: `/problems/${error.slug}`,
    title,
    status,
    ...(error.message === '' ? {} : { detail: error.message }),
    instance,
    ...(error.errors.length === 0 ? {} : { errors: [...error.errors] }),
  }
}

/** A problem in one line: its detail, and what is wrong with which part. */
export function problemText(error: ProblemError): string {
  const errors = error.errors.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer}: ${detail}`))
  const text = error.message === '' ? problems[error.slug].title : error.message
  return errors.length === 0 ? text : `${text} ${errors.join('; ')}`
}

/** A JSON pointer from the parts of a path. @see RFC 6901 */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
