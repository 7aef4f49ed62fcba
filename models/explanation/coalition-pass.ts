/**
 * The last layers of a network for every coalition of groups of inputs: sums to which each group adds its own part, ReLU,
 * and a product with the head.
 *
 * A coalition's sums are those of the same coalition without one of its groups, and what that group adds. So 2ⁿ coalitions
 * need as many additions as there are units in each, and nothing is written to memory but the sums. It is a loop in
 * WebAssembly, four units at once: as operations of TensorFlow.js it takes several times as long, most of it for moving
 * what lies between them.
 */

import { code, type Emit, functionBody, get, load, moduleOf, opFours, set, store, whole } from '../wasm-code.ts'

/** What a pass is made for. */
export interface CoalitionPassShape {
  readonly groups: number
  /** Units of the layer in which groups meet. */
  readonly units: number
  /** H. */
  readonly months: number
  /** Of the layer above, shape `[unit, H]`; its bias is left to others. */
  readonly head: Float32Array
  /** The units' sums with all groups at the baseline, shape `[unit]`. */
  readonly baseline: Float32Array
  /** The state that each coalition leaves a recurrent layer in, by its place in {@link CoalitionPass.states}; left out, there is none. */
  readonly stateOf?: Int32Array
}

/** A pass, and the memory that it reads: set it, then run. */
export interface CoalitionPass {
  /** What each group adds to the sums, shape `[group, stride]`, of which the first {@link CoalitionPassShape.units} count. */
  readonly changes: Float32Array
  /** What each state adds to the sums, shape `[state, stride]`. */
  readonly states: Float32Array
  /** Units, rounded up to four. */
  readonly stride: number
  /** @returns Hazard logits less the head's bias, shape `[2ⁿ, H]`, filled anew with every run. */
  run(): Float32Array
}

const floatBytes = 4
/** Bytes that are computed at once. */
const laneBytes = 16
const pageBytes = 65_536

/** Prepares a pass. */
export function coalitionPass({ groups, units, months, head, baseline, stateOf }: CoalitionPassShape): CoalitionPass {
  const coalitions = 1 << groups
  const stride = 4 * Math.ceil(units / 4)
  const bytes = stride * floatBytes
  const states = stateOf === undefined ? 1 : 1 + Math.max(...stateOf)
  let end = 0
  const place = (length: number): number => {
    const at = end
    end += length
    return at
  }
  const headAt = place(months * bytes)
  const nothingAt = place(bytes)
  const baselineAt = place(bytes)
  const changesAt = place(groups * bytes)
  const statesAt = place(states * bytes)
  const sumsAt = place(coalitions * bytes)
  const lanesAt = place(coalitions * months * laneBytes)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / pageBytes) })
  const floats = (at: number, length: number): Float32Array => new Float32Array(memory.buffer, at, length)

  floats(baselineAt, units).set(baseline)
  const columns = floats(headAt, months * stride)
  head.forEach((weight, at) => {
    columns[(at % months) * stride + Math.floor(at / months)] = weight
  })
  const lanes = floats(lanesAt, coalitions * months * 4)
  const add = additionOf(memory, { months, headAt, bytes })
  const logits = new Float32Array(coalitions * months)
  return {
    changes: floats(changesAt, groups * stride),
    states: floats(statesAt, states * stride),
    stride,
    run: () => {
      for (let coalition = 0; coalition < coalitions; coalition += 1) {
        const [before, change] =
          coalition === 0
            ? [baselineAt, nothingAt]
            : [sumsAt + (coalition & (coalition - 1)) * bytes, changesAt + lowest(coalition) * bytes]
        const state = statesAt + (stateOf?.[coalition] ?? 0) * bytes
        add(before, change, state, sumsAt + coalition * bytes, lanesAt + coalition * months * laneBytes)
      }
      for (let at = 0, lane = 0; at < logits.length; at += 1, lane += 4) {
        const [a, b] = [(lanes[lane] as number) + (lanes[lane + 1] as number), lanes[lane + 2] as number]
        logits[at] = a + b + (lanes[lane + 3] as number)
      }
      return logits
    },
  }
}

/** The group of the lowest number in a coalition that has any. */
function lowest(coalition: number): number {
  return 31 - Math.clz32(coalition & -coalition)
}

/** Addresses in bytes: sums before, what a group and a state add, where sums and logits go. */
type Addition = (before: number, change: number, state: number, sums: number, lanes: number) => void

/** One coalition: its sums, and its logits as four parts each. */
function additionOf(
  memory: WebAssembly.Memory,
  { months, headAt, bytes }: { readonly months: number; readonly headAt: number; readonly bytes: number },
): Addition {
  const [before, change, state, sums, lanes, unit, sum] = [0, 1, 2, 3, 4, 5, 6] as const
  const nothing = sum + 1
  const total = (month: number): number => nothing + 1 + month
  const at = (start: number): Emit => [...get(start), ...get(unit), code.i32Add]
  const active = opFours('pairMax', get(nothing), opFours('add', get(sum), load(at(state), 0)))
  const body = functionBody(
    [
      [1, 'i32'],
      [2 + months + 1, 'v128'],
    ],
    [
      ...[code.loop, 0x40],
      ...set(sum, opFours('add', load(at(before), 0), load(at(change), 0))),
      ...store(at(sums), 0, get(sum)),
      ...set(sum, active),
      ...Array.from({ length: months }, (_, month) => {
        const product = opFours('multiply', get(sum), load(get(unit), headAt + month * bytes))
        return set(total(month), opFours('add', get(total(month)), product))
      }).flat(),
      ...[...get(unit), ...whole(laneBytes), code.i32Add, code.localTee, unit],
      ...[...whole(bytes), code.i32LessUnsigned, code.branchIf, 0, code.end],
      ...Array.from({ length: months }, (_, month) => store(get(lanes), month * laneBytes, get(total(month)))).flat(),
    ],
  )
  const { exports } = new WebAssembly.Instance(moduleOf(5, [body]), { env: { memory } })
  const [addition] = Object.values(exports)
  if (typeof addition !== 'function') throw new Error('the module has no function')
  return (...[a, b, c, d, e]) => {
    addition(a, b, c, d, e)
  }
}
