/** What each call needs of its caller, as OpenAPI says it; taken from the table of routes. */

import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import type { z } from 'zod'
import { problemSchema, problems } from '../problems.ts'
import { invocationErrorSchema } from '../protocols/invocations-codec.ts'
import { errorSchema } from '../protocols/open-inference-messages.ts'
import { findRoute, type Protocol } from '../route-table.ts'
import type { PathDescription } from './parts.ts'

type Answer = { readonly description: string; readonly content: Record<string, { readonly schema: z.ZodType }> }

/** Problems that any call with a caller may be answered with. */
const refusals = [
  'bad-request',
  'unauthorized',
  'forbidden',
  'too-many-requests',
  'authentication-unavailable',
] as const

/** Registers the two ways to show a key. */
export function registerSecuritySchemes(registry: OpenAPIRegistry): void {
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, or a token of the issuer that the server trusts.',
  })
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Api-Key',
    description: 'An API key.',
  })
}

/** The same description, with the scope that the call needs and the answers for callers without it. */
export function secured(description: PathDescription): PathDescription {
  const route = findRoute(description.path.replaceAll(/[{}]/g, ''))
  const needed = Object.entries(route?.requires ?? {}).find(([method]) => method === description.method)?.[1]
  if (route === undefined || needed === undefined) {
    throw new Error(`${description.method} ${description.path} is not in the table of routes`)
  }
  if (needed === 'public') return { ...description, security: [] }
  return {
    ...description,
    description: [description.description, `Needs the scope \`${needed}\`, unless the server lets anybody in.`]
      .filter(text => text !== undefined)
      .join('\n\n'),
    security: [{ bearer: [needed] }, { apiKey: [needed] }],
    responses: withRefusals(description.responses, route.protocol),
  }
}

/** The same answers with those for callers who aren't let in, in the route's own words. */
function withRefusals(answers: PathDescription['responses'], protocol: Protocol): PathDescription['responses'] {
  const merged = { ...answers }
  for (const [status, refusal] of Object.entries(refusalsIn[protocol])) {
    const other = merged[status]
    if (other === undefined || '$ref' in other) merged[status] = refusal
    else merged[status] = { ...other, description: oneOf(other.description, refusal.description) }
  }
  return merged
}

function oneOf(said: string | undefined, more: string): string {
  return said === undefined || said.includes(more) ? (said ?? more) : `${said}, or: ${more}`
}

const refusalsIn: Readonly<Record<Protocol, Readonly<Record<string, Answer>>>> = {
  native: refusalsAs(problemSchema, 'application/problem+json'),
  'open-inference': refusalsAs(errorSchema),
  'tensorflow-serving': refusalsAs(errorSchema),
  invocations: refusalsAs(invocationErrorSchema),
}

function refusalsAs(schema: z.ZodType, type = 'application/json'): Readonly<Record<string, Answer>> {
  return Object.fromEntries(
    refusals.map(slug => {
      const { status, title: description } = problems[slug]
      return [String(status), { description, content: { [type]: { schema } } }]
    }),
  )
}
