/** Parts that the descriptions of all paths are made of. */

import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { type ProblemSlug, problemSchema, problems } from '../problems.ts'

/** One path and method, as the OpenAPI registry takes it. */
export type PathDescription = Parameters<OpenAPIRegistry['registerPath']>[0]

/** A body or an answer in JSON. */
export function json(schema: z.ZodType, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** Answers that are problem documents, by status. */
export function failing(...slugs: readonly ProblemSlug[]): PathDescription['responses'] {
  const byStatus = new Map<number, string[]>()
  for (const slug of slugs) {
    const { status, title } = problems[slug]
    byStatus.set(status, [...(byStatus.get(status) ?? []), title])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      String(status),
      { description: titles.join(', or: '), content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  )
}

/** What any call may be answered with. */
export const anyCall = ['bad-request', 'internal-error'] as const

/** What a call with a JSON body may be answered with. */
export const anyBody = [
  ...anyCall,
  'invalid-json',
  'body-too-large',
  'unsupported-media-type',
  'invalid-request',
  'not-ready',
] as const

/** A model's name in a path. */
export const namePart = z.string().describe('Name of a saved model.')

/** A version in a path. */
export const versionPart = z.string().describe('Number of a saved version.')
