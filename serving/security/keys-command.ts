/** `harbinger-server keys`: makes, lists and revokes API keys, beside a running server or without one. */

import Table from 'cli-table3'
import { Command } from 'commander'
import { z } from 'zod'
import { dayAt, millisecondsPerDay as dayMs, formatDay, InputError, parseDay } from '../../data/index.ts'
import { readConfig } from '../config.ts'
import { withStore } from '../store/borrow-store.ts'
import type { Queryable } from '../store/database.ts'
import { createKey, type KeyDescription, listKeys, revokeKey } from './key-store.ts'
import { type Scope, scopeNames, scopeSchema, scopes } from './scopes.ts'

const nameSchema = z.string().regex(/^[^\p{Cc}]{1,100}$/u)

/** Makes the command. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('Makes, lists and revokes API keys.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand())
}

function createCommand(): Command {
  return new Command('create')
    .description('Makes a key and prints it, once: only a hash of it is kept.')
    .requiredOption('--name <name>', 'whose key it is')
    .requiredOption('--scopes <scopes>', `what it may do, with commas between: ${scopeNames.join(', ')}`)
    .option('--expires <when>', 'first day on which it no longer works, UTC (2027-01-01), or days from now (90d)')
    .option('--json', 'print the key and what it may do as JSON')
    .addHelpText('after', `\nScopes:\n${scopeHelp}\n\nExample:\n${createExample}`)
    .action(async (options: { name: string; scopes: string; expires?: string; json?: boolean }) => {
      const name = nameSchema.safeParse(options.name)
      if (!name.success) {
        throw new InputError({ source: '--name', found: options.name, expected: '1 to 100 characters in one line' })
      }
      const wanted = { name: name.data, scopes: parseScopes(options.scopes), expiresAt: parseExpiry(options.expires) }
      const made = await inStore(database => createKey(database, wanted))
      if (options.json) {
        const { revokedAt: _, ...shown } = made
        console.log(JSON.stringify(shown))
        return
      }
      console.error(`Key ${made.id} for ${made.name}. Keep it now: it can’t be shown again.`)
      console.log(made.key)
    })
}

function listCommand(): Command {
  return new Command('list')
    .description('Lists all keys that were ever made.')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const keys = await inStore(listKeys)
      if (json) {
        console.log(JSON.stringify(keys))
        return
      }
      const table = new Table({
        head: ['Id', 'Name', 'Scopes', 'Made', 'Expires', 'State'],
        style: { head: [], border: [] },
      })
      for (const key of keys) {
        const { id, name, createdAt, expiresAt } = key
        table.push([id, name, key.scopes.join(', '), createdAt, expiresAt ?? 'never', stateOf(key)])
      }
      console.log(table.toString())
    })
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('Revokes a key: running servers refuse it within a second.')
    .argument('<id>', 'as `keys list` shows it')
    .action(async (id: string) => {
      const { name, revokedAt } = await inStore(database => revokeKey(database, id))
      console.log(`Key ${id} of ${name} is revoked since ${revokedAt}.`)
    })
}

function inStore<Result>(work: (database: Queryable) => Promise<Result>): Promise<Result> {
  const { store: folder, databaseUrl: url } = readConfig()
  return withStore({ folder, url }, work)
}

function stateOf({ expiresAt, revokedAt }: KeyDescription): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'works'
}

function parseScopes(text: string): Scope[] {
  const parsed = z
    .array(scopeSchema)
    .min(1)
    .safeParse(text.split(',').map(part => part.trim()))
  if (!parsed.success) {
    throw new InputError({
      source: '--scopes',
      found: text,
      expected: `some of ${scopeNames.join(', ')}, with commas between`,
    })
  }
  return scopeNames.filter(scope => parsed.data.includes(scope))
}

/** @returns ISO 8601; null: never. */
function parseExpiry(text: string | undefined): string | null {
  if (text === undefined) return null
  const [, days] = /^([1-9]\d{0,4})d$/.exec(text) ?? []
  const day = parseDay(text)
  const at = days === undefined ? (day === undefined ? Number.NaN : day * dayMs) : Date.now() + Number(days) * dayMs
  if (!(at > Date.now())) {
    const today = formatDay(dayAt(Date.now()))
    throw new InputError({ source: '--expires', found: text, expected: `a date after ${today}, or days such as 90d` })
  }
  return new Date(at).toISOString()
}

const scopeHelp = Object.entries(scopes)
  .map(([name, allows]) => `  ${name.padEnd(10)} ${allows}`)
  .join('\n')

const createExample = '  harbinger-server keys create --name night-batch --scopes score,outcomes --expires 90d'
