/** From the OpenAPI document to requests that are nearly right: fast-check values of each schema, spoilt in places. */

import fc from 'fast-check'
import { z } from 'zod'

const schemaShape = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})

const operationShape = z.looseObject({
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })) }).optional(),
  responses: z.record(z.string(), z.unknown()),
})

/** The document, as far as requests are made from it. */
export const documentShape = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationShape)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
})

/** A request to send. */
export interface MadeRequest {
  readonly method: string
  /** As the document writes it. */
  readonly template: string
  readonly path: string
  readonly contentType: string | undefined
  readonly body: string | undefined
  /** Statuses that the document knows for it. */
  readonly documented: readonly string[]
}

/** What no schema asks for. */
const noise: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, '', -1, 1e308, [], {}, '__proto__', '2024-13-45', '\u0000', '🦔', true),
  fc.jsonValue({ maxDepth: 2 }),
)

/** Requests of every operation of the document. */
export function requestsOf(document: z.infer<typeof documentShape>): fc.Arbitrary<MadeRequest> {
  const value = (raw: unknown, depth: number): fc.Arbitrary<unknown> => {
    const schema = schemaShape.parse(raw ?? {})
    if (depth > 6) return noise
    if (schema.$ref !== undefined) return value(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''], depth)
    return fc.oneof(
      { weight: 19, arbitrary: fc.constant(null).chain(() => fitting(schema, depth)) },
      { weight: 1, arbitrary: noise },
    )
  }

  const fitting = (schema: z.infer<typeof schemaShape>, depth: number): fc.Arbitrary<unknown> => {
    const choices = schema.anyOf ?? schema.oneOf
    if (choices !== undefined) return fc.oneof(...choices.map(one => value(one, depth + 1)))
    if (schema.allOf !== undefined) {
      return fc
        .tuple(...schema.allOf.map(one => value(one, depth + 1)))
        .map(parts => Object.assign({}, ...parts) as object)
    }
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    if (schema.const !== undefined) return fc.constant(schema.const)
    const [type] = [schema.type ?? 'object'].flat()
    if (type === 'string') return text(schema)
    if (type === 'integer') return fc.integer({ min: Math.max(-5, schema.minimum ?? -5), max: 400 })
    if (type === 'number') return fc.double({ noNaN: true })
    if (type === 'boolean') return fc.boolean()
    if (type === 'null') return fc.constant(null)
    if (type === 'array') return fc.array(value(schema.items, depth + 1), { maxLength: 3 })
    const required = new Set(schema.required ?? [])
    const known = Object.entries(schema.properties ?? {}).map(([name, one]) => {
      const made = value(one, depth + 1)
      return [name, required.has(name) ? made : fc.option(made, { nil: undefined, freq: 1 })] as const
    })
    const more = schema.additionalProperties === undefined ? 0 : 2
    return fc
      .tuple(fc.record(Object.fromEntries(known)), fc.dictionary(fc.string(), noise, { maxKeys: more }))
      .map(([fields, extra]) => ({ ...extra, ...fields }))
  }

  return fc.oneof(
    ...Object.entries(document.paths).flatMap(([template, operations]) =>
      Object.entries(operations).map(([method, operation]) => {
        const content = Object.entries(operation.requestBody?.content ?? {})
        const bodies = content.map(([contentType, { schema }]) =>
          value(schema, 0).map(body => ({
            contentType,
            body: contentType.includes('json') ? JSON.stringify(body) : String(body),
          })),
        )
        const body: fc.Arbitrary<{ contentType?: string | undefined; body?: string | undefined }> =
          bodies.length === 0 ? fc.constant({}) : fc.oneof(...bodies)
        return fc.tuple(pathOf(template), body).map(
          ([path, sent]): MadeRequest => ({
            method,
            template,
            path,
            contentType: sent.contentType,
            body: sent.body,
            documented: Object.keys(operation.responses),
          }),
        )
      }),
    ),
  )
}

function text({ pattern, format }: z.infer<typeof schemaShape>): fc.Arbitrary<string> {
  if (format === 'date' || pattern?.includes('\\d{4}-') === true) {
    const day = fc.date({ min: new Date('2020-01-01'), max: new Date('2025-12-31'), noInvalidDate: true })
    return day.map(date => date.toISOString().slice(0, pattern !== undefined && pattern.length < 40 ? 7 : 10))
  }
  return fc.string({ maxLength: 8 })
}

/** Known names, versions and labels among odd ones. */
function pathOf(template: string): fc.Arbitrary<string> {
  const part = fc.oneof(
    fc.constantFrom('formula', '1', 'champion', '..', '%00', '__proto__', 'a'.repeat(300)),
    fc.string({ minLength: 1, maxLength: 8 }).map(encode),
  )
  const parts = template.split(/\{\w+\}/)
  return fc
    .array(part, { minLength: parts.length - 1, maxLength: parts.length - 1 })
    .map(filled => parts.map((literal, place) => literal + (filled[place] ?? '')).join(''))
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E')
}
