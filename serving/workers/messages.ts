/** What owner and workers send each other, and how an error survives the journey. */

import { z } from 'zod'
import { InputError } from '../../data/index.ts'
import { ProblemError, type ProblemSlug, problems } from '../problems.ts'

const problemSlugs = Object.keys(problems) as [ProblemSlug, ...ProblemSlug[]]

const faultSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('problem'),
    slug: z.enum(problemSlugs),
    detail: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
  }),
  z.object({
    kind: z.literal('input'),
    problems: z.array(
      z.object({
        source: z.string(),
        row: z.number().exactOptional(),
        field: z.string().exactOptional(),
        found: z.string().exactOptional(),
        expected: z.string(),
        rule: z.string().exactOptional(),
      }),
    ),
  }),
  z.object({ kind: z.literal('other'), message: z.string() }),
])

/** An error on its way. */
type Fault = z.infer<typeof faultSchema>

/** A message between owner and worker. */
export const messageSchema = z.discriminatedUnion('kind', [
  /** Worker → owner: it hears messages from now on. */
  z.object({ kind: z.literal('listening') }),
  /** Worker → owner: it serves. */
  z.object({ kind: z.literal('ready'), url: z.string() }),
  /** Worker → owner: it can't start. */
  z.object({ kind: z.literal('failed'), fault: faultSchema }),
  /** Owner → worker: finish requests in flight and end. */
  z.object({ kind: z.literal('stop') }),
  /** Either way: a question, or with `everyone` something for all workers to hear. */
  z.object({
    kind: z.literal('ask'),
    id: z.number(),
    topic: z.string(),
    everyone: z.boolean(),
    payload: z.unknown(),
  }),
  /** Either way: what became of it. */
  z.object({ kind: z.literal('answer'), id: z.number(), payload: z.unknown() }),
  z.object({ kind: z.literal('fault'), id: z.number(), fault: faultSchema }),
])

/** A message between owner and worker. */
export type Message = z.infer<typeof messageSchema>

/** Packs an error; what isn't ours keeps its message only. */
export function packError(error: unknown): Fault {
  if (error instanceof ProblemError) {
    return { kind: 'problem', slug: error.slug, detail: error.message, errors: [...error.errors] }
  }
  if (error instanceof InputError) return { kind: 'input', problems: [...error.problems] }
  return { kind: 'other', message: error instanceof Error ? error.message : String(error) }
}

/** The error that was packed. */
export function unpackError(fault: Fault): Error {
  switch (fault.kind) {
    case 'problem':
      return new ProblemError(fault.slug, fault.detail, fault.errors)
    case 'input':
      return new InputError(fault.problems)
    case 'other':
      return new Error(fault.message)
  }
}
