/** The server's settings, from the environment, checked before anything starts. */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../data/index.ts'
import { defaultPolicyPath, modelsFolder, packageFolder } from '../models/index.ts'
import { type AccessSettings, accessModes } from './security/access.ts'
import type { RateSettings } from './security/rate-limit.ts'
import { readTokenSettings, type TokenSettings, tokenVariables } from './security/token-settings.ts'

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/** Every variable that the server reads; documented in docs/reference/configuration.md. */
export const configSchema = z.object({
  PORT: whole(0, 65_535).default(8080).describe('Port to listen on; 0 takes a free one.'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. One that other machines reach, such as 0.0.0.0, always asks for a key or token.'),
  HARBINGER_AUTH: z
    .enum(accessModes)
    .default('auto')
    .describe(
      'Who is let in: who has a key or token (required), any program on this machine (none, on loopback only), or any program on this machine until the first key is made or tokens are taken (auto).',
    ),
  ...tokenVariables,
  HARBINGER_RATE_LIMIT: whole(0, 1_000_000)
    .default(0)
    .describe('Most requests of one key, token or, while anybody is let in, address in a second; 0: as many as come.'),
  HARBINGER_RATE_BURST: whole(0, 1_000_000)
    .optional()
    .describe('More of them within 10 seconds; left out, as many as in one second.'),
  HARBINGER_MODEL: z.string().min(1).default('champion').describe('Model to serve: an alias, a name, or name/version.'),
  HARBINGER_POLICY: z
    .string()
    .min(1)
    .default(defaultPolicyPath())
    .describe('The policy that decides: a YAML or JSON file.'),
  HARBINGER_STORE: z
    .string()
    .min(1)
    .default(join(packageFolder(), 'store'))
    .describe('Folder of the decisions’ journal, and of the embedded database.'),
  HARBINGER_JOURNAL_WAIT: z
    .enum(['disk', 'system'])
    .default('disk')
    .describe(
      'Before a decision is answered, wait until the disk has it (survives a power cut) or until the operating system has it (survives a killed process).',
    ),
  HARBINGER_FOLLOW_MS: whole(100, 3_600_000)
    .default(1000)
    .describe('How often to look whether another program has promoted a version, in milliseconds.'),
  HARBINGER_RULE_PACKS: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of rule packs to classify accounts by, in place of those that ship.'),
  HARBINGER_STORE_DOWN: z
    .enum(['spool', 'refuse'])
    .default('spool')
    .describe('While the database is down: let decisions wait in the journal, or refuse to decide (503).'),
  HARBINGER_JOURNAL_LIMIT: whole(1_048_576, Number.MAX_SAFE_INTEGER)
    .default(8_589_934_592)
    .describe('Most bytes of decisions that wait in the journal; beyond, no decision is given.'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'postgres://user@host:port/database')
    .optional()
    .describe('PostgreSQL to keep decisions in: postgres://user@host:port/database. Left out: an embedded database.'),
  HARBINGER_BODY_LIMIT: whole(1024, 1_073_741_824).default(2_097_152).describe('Largest request body, in bytes.'),
  HARBINGER_BATCH_LIMIT: whole(1, 100_000).default(1000).describe('Most borrowers in one batch request.'),
  HARBINGER_WORKERS: whole(1, 256)
    .default(availableParallelism())
    .describe('Processes that answer requests; left out, one per core.'),
  HARBINGER_QUEUE_LIMIT: whole(1, 100_000)
    .default(1000)
    .describe('Most borrowers that wait to be scored, per process; beyond it the answer is 503.'),
  HARBINGER_DEADLINE_MS: whole(1, 3_600_000)
    .default(2000)
    .describe('Longest time that a borrower waits to be scored, in milliseconds; beyond it the answer is 503.'),
  HARBINGER_TIMEOUT_MS: whole(100, 3_600_000)
    .default(30_000)
    .describe('Longest time to receive a request, in milliseconds.'),
  HARBINGER_GRACE_MS: whole(0, 600_000)
    .default(10_000)
    .describe('Longest time to finish requests in flight when stopping, in milliseconds.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
})

/** The server's settings. */
export interface Config {
  readonly port: number
  readonly host: string
  /** Who is let in. */
  readonly auth: AccessSettings['mode']
  /** Whose tokens are taken; null: nobody's. */
  readonly tokens: TokenSettings | null
  /** How many requests each caller may send. */
  readonly rates: RateSettings
  /** Folder of the registry. */
  readonly models: string
  readonly model: string
  /** Path of the policy that decides. */
  readonly policy: string
  /** Folder of the journal and of the embedded database. */
  readonly store: string
  readonly journalWait: 'disk' | 'system'
  readonly storeDown: 'spool' | 'refuse'
  readonly journalLimitBytes: number
  /** PostgreSQL; undefined: the embedded database. */
  readonly databaseUrl: string | undefined
  readonly followMs: number
  /** Folder of rule packs; undefined = those that ship. */
  readonly rulePacks: string | undefined
  readonly bodyLimitBytes: number
  readonly batchLimit: number
  /** Processes that answer. */
  readonly workers: number
  /** Most borrowers that wait to be scored, per process. */
  readonly queueLimit: number
  /** Longest that a borrower waits to be scored, in milliseconds. */
  readonly deadlineMs: number
  readonly timeoutMs: number
  readonly graceMs: number
  readonly logLevel: string
}

/**
 * Reads the settings.
 *
 * @throws InputError naming each variable that is not as expected.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = configSchema.safeParse(environment)
  if (!parsed.success) {
    throw new InputError(
      parsed.error.issues.map(issue => {
        const field = issue.path.join('.')
        const found = environment[field]
        return { source: 'environment', field, ...(found === undefined ? {} : { found }), expected: issue.message }
      }),
    )
  }
  const settings = parsed.data
  return {
    port: settings.PORT,
    host: settings.HOST,
    auth: settings.HARBINGER_AUTH,
    tokens: readTokenSettings(settings),
    rates: {
      perSecond: settings.HARBINGER_RATE_LIMIT,
      burst: settings.HARBINGER_RATE_BURST ?? settings.HARBINGER_RATE_LIMIT,
    },
    models: modelsFolder(environment),
    model: settings.HARBINGER_MODEL,
    policy: settings.HARBINGER_POLICY,
    store: settings.HARBINGER_STORE,
    journalWait: settings.HARBINGER_JOURNAL_WAIT,
    storeDown: settings.HARBINGER_STORE_DOWN,
    journalLimitBytes: settings.HARBINGER_JOURNAL_LIMIT,
    databaseUrl: settings.DATABASE_URL,
    followMs: settings.HARBINGER_FOLLOW_MS,
    rulePacks: settings.HARBINGER_RULE_PACKS,
    bodyLimitBytes: settings.HARBINGER_BODY_LIMIT,
    batchLimit: settings.HARBINGER_BATCH_LIMIT,
    workers: settings.HARBINGER_WORKERS,
    queueLimit: settings.HARBINGER_QUEUE_LIMIT,
    deadlineMs: settings.HARBINGER_DEADLINE_MS,
    timeoutMs: settings.HARBINGER_TIMEOUT_MS,
    graceMs: settings.HARBINGER_GRACE_MS,
    logLevel: settings.LOG_LEVEL,
  }
}
