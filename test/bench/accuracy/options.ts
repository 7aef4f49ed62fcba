/** What `npm run bench -- accuracy` can be told. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageFolder } from '../../../models/index.ts'
import { defaultMembers } from '../../../training/index.ts'

/** Parts of the benchmark. */
const partNames = ['uci', 'credit-records', 'simulated', 'speed'] as const

/** Name of a part. */
export type PartName = (typeof partNames)[number]

/** Options, read. */
export interface AccuracyOptions {
  /** Parts to run. */
  readonly only: readonly PartName[]
  /** Folder with `uci-credit-card/` and `credit-records/`. */
  readonly datasets: string
  /** Folder of what has been computed before, or is now; temporary unless given. */
  readonly work: string
  /** Random configurations that peers are tuned over. */
  readonly configurations: number
  /** Test folds of the UCI data. */
  readonly folds: readonly number[]
  /** `fast` leaves the sequence members out. */
  readonly profile: 'fast' | 'blend'
  /** Perceptrons of an ensemble. */
  readonly members: number
  /** Borrowers simulated. */
  readonly borrowers: number
  /** Share of them that nobody learns from, and all are judged on. */
  readonly heldOut: number
  /** Removes what is temporary. */
  readonly done: () => void
}

/** Reads the command line after `accuracy`. */
export function accuracyOptions(words: readonly string[]): AccuracyOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string', default: 'uci,credit-records,simulated,speed' },
      datasets: {
        type: 'string',
        default: process.env.HARBINGER_DATASETS ?? join(packageFolder(), '../shared/datasets'),
      },
      cache: { type: 'string' },
      configurations: { type: 'string', default: '20' },
      folds: { type: 'string', default: '0,1,2,3,4' },
      profile: { type: 'string', default: 'blend' },
      members: { type: 'string', default: String(defaultMembers) },
      borrowers: { type: 'string', default: '15000' },
      // as many learn as of 5,000 with a fifth held out, and eleven times as many are judged on: what came by chance weighs less
      'held-out': { type: 'string', default: '0.7333' },
    },
  })
  const only = values.only.split(',').map(name => {
    const part = partNames.find(one => one === name)
    if (part === undefined) throw new Error(`--only ${name}: one of ${partNames.join(', ')}`)
    return part
  })
  const work = values.cache ?? mkdtempSync(join(tmpdir(), 'harbinger-accuracy-'))
  mkdirSync(work, { recursive: true })
  return {
    only,
    datasets: values.datasets,
    work,
    configurations: Number(values.configurations),
    folds: values.folds.split(',').map(Number),
    profile: values.profile === 'fast' ? 'fast' : 'blend',
    members: Number(values.members),
    borrowers: Number(values.borrowers),
    heldOut: Number(values['held-out']),
    done: () => {
      if (values.cache === undefined) rmSync(work, { recursive: true, force: true })
    },
  }
}

/** Computes a value, or reads it where it was computed before into the same file. */
export async function remembered<Value>(file: string, compute: () => Promise<Value>): Promise<Value> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Value
  const value = await compute()
  writeFileSync(file, JSON.stringify(value))
  return value
}
