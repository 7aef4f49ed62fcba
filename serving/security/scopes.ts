/** What a caller may do. */

import { z } from 'zod'

/** Scope → what it allows. */
export const scopes = {
  score: 'score, classify, search plans, ask for permits, and read models and decisions',
  outcomes: 'post what became of accounts',
  admin: 'change which models answer',
  metrics: 'read the metrics',
} as const

/** Name of a scope. */
export type Scope = keyof typeof scopes

/** Names of all scopes. */
export const scopeNames = Object.keys(scopes) as [Scope, ...Scope[]]

/** A scope by its name. */
export const scopeSchema = z.enum(scopeNames)

/** Those of some names that are scopes of ours; others belong to somebody else. */
export function scopesAmong(names: readonly string[]): ReadonlySet<Scope> {
  return new Set(scopeNames.filter(scope => names.includes(scope)))
}
