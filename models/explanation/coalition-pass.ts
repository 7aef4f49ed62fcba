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
  addDoubles,
  type Compiled,
  code,
  type Emit,
  functionBody,
  functionsOf,
  get,
  lane,
  load,
  loadWhole,
  loop,
  memoryOf,
  moduleOf,
  opFours,
  set,
  splatAt,
  store,
  storeFloat,
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

/**
 * A step: where the sums are of the coalition without one of its groups, what that group changes, and what the state
 * adds; and where the coalition's sums and its logits go.
 */
const stepBytes = 5 * floatBytes

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
  const logitsAt = place(coalitions * months * floatBytes)
  const stepsAt = place(coalitions * stepBytes)
  const partsAt = place(kernel.rows * floatBytes)
  const memory = memoryOf(end)
  const floats = (at: number, length: number): Float32Array => new Float32Array(memory.buffer, at, length)

  const { addPart, addGroups } = loopsOf(memory, {
    months,
    headAt,
    bytes,
    stepsAt,
    end: stepsAt + coalitions * stepBytes,
  })
  for (let coalition = 0; coalition < coalitions; coalition += 1) {
    new Int32Array(memory.buffer, stepsAt + coalition * stepBytes, stepBytes / floatBytes).set([
      coalition === 0 ? baselineAt : sumsAt + (coalition & (coalition - 1)) * bytes,
      coalition === 0 ? nothingAt : changesAt + lowestPlayer(coalition) * bytes,
      statesAt + (stateOf?.[coalition] ?? 0) * bytes,
      sumsAt + coalition * bytes,
      logitsAt + coalition * months * floatBytes,
    ])
  }
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

  const logits = floats(logitsAt, coalitions * months)
  return {
    states: floats(statesAt, states * stride),
    stride,
    run: (parts, from) => {
      for (let part = 0; part < present.length; part += 1) {
        present[part] = (parts[from + part] as number) - (baseline[part] as number)
      }
      changes.fill(0)
      addParts(part => changesAt + (groupOf[part] as number) * bytes)
      addGroups()
      return logits
    },
  }
}

/** The loops over units; what they are given are addresses in bytes. */
interface Loops {
  /** Adds a part times its row of the kernel to some sums. */
  readonly addPart: (sums: number, row: number, part: number) => void
  /** Takes all steps: of each coalition its sums from those of another, and its logits. */
  readonly addGroups: () => void
}

function loopsOf(
  memory: WebAssembly.Memory,
  at: {
    readonly months: number
    readonly headAt: number
    readonly bytes: number
    readonly stepsAt: number
    /** Where the steps end. */
    readonly end: number
  },
): Loops {
  const { months, headAt, bytes } = at
  const parameters = 3
  const [unit, step, before, change, state, after] = [3, 4, 5, 6, 7, 8] // whole numbers
  const [sum, nothing] = [9, 10] // four floats each, as are the months' totals
  const total = (month: number): number => nothing + 1 + month
  const here = (start: number): Emit => [...get(start), ...get(unit), code.i32Add]
  const overUnits = (body: readonly Emit[]): Emit => [
    ...set(unit, whole(0)),
    ...loop(unit, laneBytes, whole(bytes), body.flat()),
  ]
  const locals = [
    [6, 'i32'],
    [2 + months, 'v128'],
  ] as const

  const [sums, row, part] = [0, 1, 2]
  const addPart = functionBody(locals, [
    ...set(sum, splatAt(get(part))),
    ...overUnits([
      store(here(sums), 0, opFours('add', load(here(sums), 0), opFours('multiply', get(sum), load(here(row), 0)))),
    ]),
  ])

  const addGroups = functionBody(locals, [
    ...set(step, whole(at.stepsAt)),
    ...loop(step, stepBytes, whole(at.end), [
      ...[before, change, state, after].flatMap((local, place) => set(local, loadWhole(get(step), place * floatBytes))),
      ...Array.from({ length: months }, (_, month) => set(total(month), get(nothing))).flat(),
      ...overUnits([
        set(sum, opFours('add', load(here(before), 0), load(here(change), 0))),
        store(here(after), 0, get(sum)),
        set(sum, opFours('pairMax', get(nothing), opFours('add', get(sum), load(here(state), 0)))),
        ...Array.from({ length: months }, (_, month) => {
          const product = opFours('multiply', get(sum), load(get(unit), headAt + month * bytes))
          return set(total(month), opFours('add', get(total(month)), product))
        }),
      ]),
      ...set(after, loadWhole(get(step), 4 * floatBytes)),
      ...Array.from({ length: months }, (_, month) => {
        const [a, b, c, d] = [0, 1, 2, 3].map(place => lane(place, get(total(month)))) as [Emit, Emit, Emit, Emit]
        return storeFloat(get(after), month * floatBytes, addDoubles(addDoubles(addDoubles(a, b), c), d))
      }).flat(),
    ]),
  ])

  const [first, second] = functionsOf(moduleOf(parameters, [addPart, addGroups]), memory) as [Compiled, Compiled]
  return { addPart: first, addGroups: () => second(0, 0, 0) }
}
