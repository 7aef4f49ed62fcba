/** Reads a policy file: YAML or JSON in, a checked policy and its hash out; refused with the line and the reason. */

import { readFileSync } from 'node:fs'
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { contentHash, InputError, type InputProblem } from '../../../data/index.ts'
import { checkPolicy } from './check-policy.ts'
import { type PolicyFile, policySchema } from './policy-schema.ts'

/** A policy and what identifies it. */
export interface Policy {
  readonly file: PolicyFile
  /** Hash of the content: the same whatever the layout, comments and order of keys, in YAML as in JSON. */
  readonly hash: string
}

/** Problems listed at most. */
const problemsAtMost = 50

/**
 * Reads a policy from a file.
 *
 * @throws InputError with the line and the reason of everything that is wrong.
 */
export function readPolicy(path: string): Policy {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new InputError({
      source: path,
      found: error instanceof Error ? error.message : String(error),
      expected: 'a policy file that can be read',
      rule: 'readable-file',
    })
  }
  return parsePolicy(text, path)
}

/**
 * Parses a policy.
 *
 * @param text - YAML 1.2, of which JSON is a part.
 * @param source - How the text is called in errors.
 * @throws InputError with the line and the reason of everything that is wrong.
 */
export function parsePolicy(text: string, source = 'policy'): Policy {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [mistake] = document.errors
  if (mistake !== undefined) {
    throw new InputError({
      source,
      line: lines.linePos(mistake.pos[0]).line,
      expected: `YAML or JSON (${mistake.message})`,
      rule: 'not-yaml',
    })
  }
  const lineOf = (path: readonly PropertyKey[]): number => lineOfPath(document.contents, path, lines)
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw new InputError({ source, expected: `aliases in measure (${String(error)})`, rule: 'not-yaml' })
  }
  const parsed = policySchema.safeParse(content)
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap(issue => describeIssue(issue, content))
    throw refused(source, problems, lineOf)
  }
  const faults = checkPolicy(parsed.data)
  if (faults.length > 0) throw refused(source, faults, lineOf)
  const { $schema: _, ...file } = parsed.data
  return { file, hash: contentHash(file) }
}

interface Fault extends Omit<InputProblem, 'source' | 'line' | 'field'> {
  readonly path: readonly PropertyKey[]
}

function refused(
  source: string,
  faults: readonly Fault[],
  lineOf: (path: readonly PropertyKey[]) => number,
): InputError {
  return new InputError(
    faults
      .slice(0, problemsAtMost)
      .map(({ path, ...fault }) => ({ source, line: lineOf(path), field: path.map(String).join('.'), ...fault }))
      .sort((a, b) => a.line - b.line),
  )
}

function describeIssue(issue: z.core.$ZodIssue, content: unknown): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({ path: [...issue.path, key], expected: 'no such key', rule: 'unknown-key' }))
  }
  const value = issue.path.reduce<unknown>(
    (part, key) => (typeof part === 'object' && part !== null ? Reflect.get(part, key) : undefined),
    content,
  )
  const missing = value === undefined
  const isSource = issue.path.at(-1) === 'source'
  const found = missing || typeof value === 'object' ? undefined : String(value)
  return [
    {
      path: issue.path,
      ...(found === undefined ? {} : { found }),
      expected: issue.message.replace(/^(Invalid input|Invalid option|Too small|Too big): expected /, ''),
      rule: missing && isSource ? 'missing-source' : missing ? 'missing-key' : 'not-as-expected',
    },
  ]
}

/** Line of the deepest part of a path that is there. */
function lineOfPath(contents: unknown, path: readonly PropertyKey[], lines: LineCounter): number {
  let node = contents
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find(item => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key))
      if (pair === undefined) break
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset
      node = pair.value
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)]
      if (!isNode(item)) break
      offset = item.range?.[0] ?? offset
      node = item
    } else break
  }
  return lines.linePos(offset).line
}
