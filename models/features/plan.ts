/**
 * From features to stages of work. Each distinct expression is computed once, after what it needs.
 *
 * A stage is first some loops of kernels' own, then one loop that computes some tens of other expressions together, two
 * rows at a time (see `program.ts`), then the copying of features. In that loop most values never leave the registers:
 * only those go to a buffer which a lag of two months or more, another stage or a feature needs. Buffers are used again
 * as soon as they can be, so that all of them stay in the processor's cache.
 */

import type { ComputedExpression } from './expression.ts'
import type { Feature } from './feature.ts'
import { inputsOf, type Lanes, prepareKernel, type Run } from './kernels/index.ts'

/** A loop of its own: `run` reads the buffers `inputs` and fills the buffer `out`. */
interface OwnLoop {
  readonly run: Run
  readonly inputs: readonly number[]
  readonly out: number
}

/** An expression computed in the common loop of its stage. */
export interface LaneStep {
  readonly lanes: Lanes
  /** Each input's place among this stage's steps, or the buffer in which it lies, or both. */
  readonly inputs: readonly { readonly step?: number; readonly buffer?: number }[]
  /** Where its values are kept, if they must be. */
  readonly buffer?: number
}

/** Work done together. */
export interface Stage {
  readonly loops: readonly OwnLoop[]
  readonly steps: readonly LaneStep[]
  /** Values that are features'. */
  readonly results: readonly { readonly buffer: number; readonly columns: readonly number[] }[]
}

/** The work for a set of features. */
export interface Plan {
  readonly stages: readonly Stage[]
  /** How many buffers the stages use. */
  readonly buffers: number
  /** How many columns of numbers the features have. */
  readonly columns: number
  /** The column of each feature; −1 where it has none. Shape `[feature]`. */
  readonly columnOf: readonly number[]
  /** Most months that anything looks back. */
  readonly reach: number
}

interface Draft {
  readonly work: Run | Lanes
  readonly inputs: readonly number[]
  readonly columns: number[]
  /** Loops of their own that must have run before, one after the other. */
  readonly level: number
  stage: number
  /** Last stage that reads its buffer; −1 if it needs none. */
  lastRead: number
}

/** Expressions of a common loop: with more, their buffers would leave the cache; with fewer, more would be buffered. */
const stepsPerStage = 24

/** What becomes of the buffers of features: all are used again as soon as they can be, or each is a feature's alone. */
export type ResultBuffers = 'shared' | 'kept'

const plans = { shared: new WeakMap<readonly Feature[], Plan>(), kept: new WeakMap<readonly Feature[], Plan>() }

/** The plan of a set of features, made once per array. */
export function planFor(features: readonly Feature[], results: ResultBuffers = 'shared'): Plan {
  let plan = plans[results].get(features)
  if (plan === undefined) {
    plan = makePlan(features, results)
    plans[results].set(features, plan)
  }
  return plan
}

function makePlan(features: readonly Feature[], results: ResultBuffers): Plan {
  let columns = 0
  const columnOf = features.map(({ of }) => (of.kind === 'categoryFact' ? -1 : columns++))
  const drafts = draftWork(features, columnOf)
  const stages = assignStages(drafts)
  findReads(drafts)
  if (results === 'kept') for (const draft of drafts) if (draft.columns.length > 0) draft.lastRead = stages
  const reach = Math.max(0, ...drafts.map(({ work }) => lagOf(work)))
  return { ...assignBuffers(drafts, stages), columns, columnOf, reach }
}

const lagOf = (work: Run | Lanes): number => (typeof work === 'function' ? 0 : (work.lag?.months ?? 0))

/** Distinct expressions, each after its inputs. Two are the same if kind, settings and inputs are. */
function draftWork(features: readonly Feature[], columnOf: readonly number[]): Draft[] {
  const drafts: Draft[] = []
  const placeByKey = new Map<string, number>()
  const placeByNode = new Map<ComputedExpression, number>()
  const visit = (node: ComputedExpression): number => {
    const place = placeByNode.get(node) ?? visitNew(node)
    placeByNode.set(node, place)
    return place
  }
  const visitNew = (node: ComputedExpression): number => {
    const inputs = inputsOf(node).map(visit)
    const settings = Object.entries(node).filter(([, value]) => typeof value !== 'object')
    const key = JSON.stringify([settings.sort(([a], [b]) => (a < b ? -1 : 1)), inputs])
    const known = placeByKey.get(key)
    if (known !== undefined) return known
    placeByKey.set(key, drafts.length)
    const work = prepareKernel(node)
    const level = Math.max(0, ...inputs.map(input => levelAfter(drafts[input] as Draft, work)))
    return drafts.push({ work, inputs, columns: [], level, stage: 0, lastRead: -1 }) - 1
  }
  features.forEach(({ of }, place) => {
    if (of.kind === 'categoryFact') return
    drafts[visit(of.kind === 'named' ? of.of : of)]?.columns.push(columnOf[place] as number)
  })
  return drafts
}

/** The first level at which work can read an input: the common loops come after the loops of their own. */
function levelAfter({ work: given, level }: Draft, work: Run | Lanes): number {
  return typeof given !== 'function' && typeof work === 'function' ? level + 1 : level
}

/** Divides levels into stages. */
function assignStages(drafts: readonly Draft[]): number {
  const levels = Math.max(0, ...drafts.map(({ level }) => level + 1))
  let stages = 0
  for (let level = 0; level < levels; level += 1) {
    const here = drafts.filter(draft => draft.level === level)
    const common = here.filter(({ work }) => typeof work !== 'function')
    for (const draft of here) draft.stage = stages
    common.forEach((draft, place) => {
      draft.stage = stages + Math.floor(place / stepsPerStage)
    })
    stages += Math.max(1, Math.ceil(common.length / stepsPerStage))
  }
  return stages
}

/** Finds until when each value must be kept. */
function findReads(drafts: readonly Draft[]): void {
  for (const { work, inputs, stage } of drafts) {
    inputs.forEach((input, place) => {
      const given = drafts[input] as Draft
      const inSameLoop = typeof given.work !== 'function' && given.stage === stage
      if (!inSameLoop || (place === 0 && lagOf(work) > 1)) given.lastRead = Math.max(given.lastRead, stage)
    })
  }
  for (const draft of drafts) {
    const { work, columns, stage } = draft
    if (typeof work === 'function' || columns.length > 0) draft.lastRead = Math.max(draft.lastRead, stage)
  }
}

/** A buffer is used again from the stage on after the last that reads it. */
function assignBuffers(drafts: readonly Draft[], count: number): Pick<Plan, 'stages' | 'buffers'> {
  const bufferOf = new Map<Draft, number>()
  let free: number[] = []
  let buffers = 0
  const stages: Stage[] = []
  for (let stage = 0; stage < count; stage += 1) {
    const here = drafts.filter(draft => draft.stage === stage)
    for (const draft of here) if (draft.lastRead >= 0) bufferOf.set(draft, free.pop() ?? buffers++)
    stages.push(makeStage(drafts, here, bufferOf))
    free = free.concat(drafts.filter(({ lastRead }) => lastRead === stage).map(draft => bufferOf.get(draft) as number))
  }
  return { stages, buffers }
}

function makeStage(drafts: readonly Draft[], here: readonly Draft[], bufferOf: ReadonlyMap<Draft, number>): Stage {
  const loops: OwnLoop[] = []
  const steps: LaneStep[] = []
  const stepOf = new Map<Draft, number>()
  for (const draft of here) {
    const { work } = draft
    const inputs = draft.inputs.map(input => drafts[input] as Draft)
    if (typeof work === 'function') {
      const out = bufferOf.get(draft) as number
      loops.push({ run: work, inputs: inputs.map(input => bufferOf.get(input) as number), out })
      continue
    }
    stepOf.set(draft, steps.length)
    steps.push({
      lanes: work,
      inputs: inputs.map(input => ({
        ...optional('step', stepOf.get(input)),
        ...optional('buffer', bufferOf.get(input)),
      })),
      ...optional('buffer', bufferOf.get(draft)),
    })
  }
  const results = here
    .filter(({ columns }) => columns.length > 0)
    .map(draft => ({ buffer: bufferOf.get(draft) as number, columns: draft.columns }))
  return { loops, steps, results }
}

function optional<Name extends string>(name: Name, value: number | undefined): { readonly [P in Name]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in Name]?: number })
}
