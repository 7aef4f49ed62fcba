/** From features to steps: each distinct expression once, after what it needs, in as few buffers as will do. */

import type { NumericExpression } from './expression.ts'
import type { Feature } from './feature.ts'
import { inputsOf, prepareKernel, type Run } from './kernels/index.ts'

/** One computation: `run` reads the buffers `inputs` and fills the buffer `out`. */
interface Step {
  readonly run: Run
  readonly inputs: readonly number[]
  readonly out: number
  /** Places of the features whose value this is; empty for a part of others. */
  readonly features: readonly number[]
}

/** The steps for a set of features. */
export interface Plan {
  readonly steps: readonly Step[]
  /** How many buffers the steps use. */
  readonly buffers: number
}

interface Draft {
  readonly node: NumericExpression
  readonly inputs: readonly number[]
  readonly features: number[]
}

const plans = new WeakMap<readonly Feature[], Plan>()

/** The plan of a set of features, made once per array. */
export function planFor(features: readonly Feature[]): Plan {
  let plan = plans.get(features)
  if (plan === undefined) {
    plan = assignBuffers(draftSteps(features))
    plans.set(features, plan)
  }
  return plan
}

/** Distinct expressions, each after its inputs. Two are the same if kind, settings and inputs are. */
function draftSteps(features: readonly Feature[]): Draft[] {
  const drafts: Draft[] = []
  const placeByKey = new Map<string, number>()
  const visit = (node: NumericExpression): number => {
    const inputs = inputsOf(node).map(visit)
    const settings = Object.entries(node).filter(([, value]) => typeof value !== 'object')
    const key = JSON.stringify([settings.sort(([a], [b]) => (a < b ? -1 : 1)), inputs])
    const known = placeByKey.get(key)
    if (known !== undefined) return known
    placeByKey.set(key, drafts.length)
    return drafts.push({ node, inputs, features: [] }) - 1
  }
  features.forEach(({ of }, place) => {
    if (of.kind === 'categoryFact') return
    drafts[visit(of.kind === 'named' ? of.of : of)]?.features.push(place)
  })
  return drafts
}

/** A buffer is used again after the last step that reads it. */
function assignBuffers(drafts: readonly Draft[]): Plan {
  const lastUse = new Int32Array(drafts.length)
  drafts.forEach(({ inputs }, place) => {
    for (const input of inputs) lastUse[input] = place
  })
  const bufferOf = new Int32Array(drafts.length)
  const free: number[] = []
  let buffers = 0
  const steps = drafts.map(({ node, inputs, features }, place): Step => {
    const out = free.pop() ?? buffers++
    bufferOf[place] = out
    for (const input of new Set(inputs)) if (lastUse[input] === place) free.push(bufferOf[input] as number)
    if (lastUse[place] === 0) free.push(out)
    return { run: prepareKernel(node), inputs: inputs.map(input => bufferOf[input] as number), out, features }
  })
  return { steps, buffers }
}
