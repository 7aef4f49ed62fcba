/**
 * The last layers of a network for every coalition of groups of inputs: sums to which each group adds its own part, ReLU,
 * and a product with the head.
 *
 * A coalition's sums are those of the same coalition without one of its groups, and what that group adds. So 2ⁿ coalitions
 * need as many additions as there are units in each, and nothing is written to memory but the sums. The loops are
 * WebAssembly, four units at once: as operations of TensorFlow.js they take several times as long, most of it for moving
 * what lies between them.
 */

import type { Matrix } from '../matrix.ts'
import {
  type Compiled,
  code,
  type Emit,
  functionBody,
  functionsOf,
  get,
  load,
  loop,
  memoryOf,
  moduleOf,
  opFours,
  set,
  splatAt,
  store,
  whole,
} from '../wasm-code.ts'
import { lowestPlayer } from './coalitions.ts'

/** What a pass is made for. */
export interface CoalitionPassShape {
  readonly groups: number
  /** What is summed: parts, each of one group, times their kernel, shape `[part, unit]`. */
  readonly kernel: Matrix
  /** Of the sums, shape `[unit]`. */
  readonly bias: Float32Array
  /** Group of each part, shape `[part]`. */
  readonly groupOf: Int32Array
  /** Each part where its group is not in the coalition, shape `[part]`. */
  readonly baseline: Float32Array
  /** The state that each coalition leaves a recurrent layer in, by its place in {@link CoalitionPass.states}; left out, there is none. */
  readonly stateOf?: Int32Array
  /** Of the layer above, shape `[unit, H]`; its bias is left to others. */
  readonly head: Matrix
}

/** A pass, and the memory that it reads. */
export interface CoalitionPass {
  /** What each state adds to the sums, shape `[state, stride]`: set it before a run. */
  readonly states: Float32Array
  /** Units, rounded up to four. */
  readonly stride: number
  /**
   * @param parts - Those of the row, from place `from` on.
   * @returns Hazard logits less the head's bias, shape `[2ⁿ, H]`, filled anew with every run.
   */
  run(parts: Float32Array, from: number): Float32Array
}

const floatBytes = 4
/** Bytes that are computed at once. */
const laneBytes = 16

/** Prepares a pass. */
export function coalitionPass(shape: CoalitionPassShape): CoalitionPass {
  const { groups, kernel, bias, groupOf, baseline, stateOf, head } = shape
  const coalitions = 1 << groups
  const months = head.columns
  const stride = 4 * Math.ceil(kernel.columns / 4)
  const bytes = stride * floatBytes
  const states = stateOf === undefined ? 1 : 1 + Math.max(...stateOf)
  let end = 0
  const place = (length: number): number => {
    const at = end
    end += length
    return at
  }
  const headAt = place(months * bytes)
  const kernelAt = place(kernel.rows * bytes)
  const nothingAt = place(bytes)
  const baselineAt = place(bytes)
  const changesAt = place(groups * bytes)
  const statesAt = place(states * bytes)
  const sumsAt = place(coalitions * bytes)
  const lanesAt = place(coalitions * months * laneBytes)
  const partsAt = place(kernel.rows * floatBytes)
  const memory = memoryOf(end)
  const floats = (at: number, length: number): Float32Array => new Float32Array(memory.buffer, at, length)

  const { addPart, addGroup } = loopsOf(memory, { months, headAt, bytes })
  const columns = floats(headAt, months * stride)
  head.values.forEach((weight, at) => {
    columns[(at % months) * stride + Math.floor(at / months)] = weight
  })
  for (let part = 0; part < kernel.rows; part += 1) {
    const own = kernel.values.subarray(part * kernel.columns, (part + 1) * kernel.columns)
    floats(kernelAt + part * bytes, stride).set(own)
  }
  const present = floats(partsAt, kernel.rows)
  const changes = floats(changesAt, groups * stride)
  const addParts = (sumsOf: (part: number) => number): void => {
    for (let part = 0; part < present.length; part += 1) {
      if (present[part] !== 0) addPart(sumsOf(part), kernelAt + part * bytes, partsAt + part * floatBytes)
    }
  }
  floats(baselineAt, bias.length).set(bias)
  present.set(baseline)
  addParts(() => baselineAt)

  const lanes = floats(lanesAt, coalitions * months * 4)
  const logits = new Float32Array(coalitions * months)
  return {
    states: floats(statesAt, states * stride),
    stride,
    run: (parts, from) => {
      for (let part = 0; part < present.length; part += 1) {
        present[part] = (parts[from + part] as number) - (baseline[part] as number)
      }
      changes.fill(0)
      addParts(part => changesAt + (groupOf[part] as number) * bytes)
      for (let coalition = 0; coalition < coalitions; coalition += 1) {
        const without = coalition === 0 ? baselineAt : sumsAt + (coalition & (coalition - 1)) * bytes
        const joining = coalition === 0 ? nothingAt : changesAt + lowestPlayer(coalition) * bytes
        const state = statesAt + (stateOf?.[coalition] ?? 0) * bytes
        addGroup(without, joining, state, sumsAt + coalition * bytes, lanesAt + coalition * months * laneBytes)
      }
      for (let at = 0, lane = 0; at < logits.length; at += 1, lane += 4) {
        const [a, b] = [(lanes[lane] as number) + (lanes[lane + 1] as number), lanes[lane + 2] as number]
        logits[at] = a + b + (lanes[lane + 3] as number)
      }
      return logits
    },
  }
}

/** The loops over units; what they are given are addresses in bytes. */
interface Loops {
  /** Adds a part times its row of the kernel to some sums. */
  readonly addPart: (sums: number, row: number, part: number) => void
  /** One coalition: its sums from those of another, and its logits as four parts each. */
  readonly addGroup: (before: number, change: number, state: number, sums: number, lanes: number) => void
}

function loopsOf(
  memory: WebAssembly.Memory,
  { months, headAt, bytes }: { readonly months: number; readonly headAt: number; readonly bytes: number },
): Loops {
  const parameters = 5
  const [unit, sum, nothing] = [parameters, parameters + 1, parameters + 2]
  const total = (month: number): number => nothing + 1 + month
  const at = (start: number): Emit => [...get(start), ...get(unit), code.i32Add]
  const overUnits = (body: readonly Emit[]): Emit => loop(unit, laneBytes, whole(bytes), body.flat())
  const locals = [
    [1, 'i32'],
    [2 + months, 'v128'],
  ] as const

  const [sums, row, part] = [0, 1, 2]
  const addPart = functionBody(locals, [
    ...set(sum, splatAt(get(part))),
    ...overUnits([
      store(at(sums), 0, opFours('add', load(at(sums), 0), opFours('multiply', get(sum), load(at(row), 0)))),
    ]),
  ])

  const [before, change, state, after, lanes] = [0, 1, 2, 3, 4]
  const addGroup = functionBody(locals, [
    ...overUnits([
      set(sum, opFours('add', load(at(before), 0), load(at(change), 0))),
      store(at(after), 0, get(sum)),
      set(sum, opFours('pairMax', get(nothing), opFours('add', get(sum), load(at(state), 0)))),
      ...Array.from({ length: months }, (_, month) => {
        const product = opFours('multiply', get(sum), load(get(unit), headAt + month * bytes))
        return set(total(month), opFours('add', get(total(month)), product))
      }),
    ]),
    ...Array.from({ length: months }, (_, month) => store(get(lanes), month * laneBytes, get(total(month)))).flat(),
  ])

  const [first, second] = functionsOf(moduleOf(parameters, [addPart, addGroup]), memory) as [Compiled, Compiled]
  return {
    addPart: (a, b, c) => first(a, b, c, 0, 0),
    addGroup: second,
  }
}
