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
  when,
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
  const targetsAt = place(kernel.rows * floatBytes)
  const memory = memoryOf(end)
  const floats = (at: number, length: number): Float32Array => new Float32Array(memory.buffer, at, length)

  const { addParts, addGroups } = loopsOf(memory, {
    ...{ months, headAt, bytes, kernelAt, partsAt, targetsAt, stepsAt },
    parts: kernel.rows,
    steps: coalitions,
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
  const targets = new Int32Array(memory.buffer, targetsAt, kernel.rows)
  floats(baselineAt, bias.length).set(bias)
  present.set(baseline)
  targets.fill(baselineAt)
  addParts()
  groupOf.forEach((group, part) => {
    targets[part] = changesAt + group * bytes
  })

  const logits = floats(logitsAt, coalitions * months)
  return {
    states: floats(statesAt, states * stride),
    stride,
    run: (parts, from) => {
      for (let part = 0; part < present.length; part += 1) {
        present[part] = (parts[from + part] as number) - (baseline[part] as number)
      }
      changes.fill(0)
      addParts()
      addGroups()
      return logits
    },
  }
}

/** The loops over units. */
interface Loops {
  /** Adds each part times its row of the kernel to the sums that it is meant for. */
  readonly addParts: () => void
  /** Takes all steps: of each coalition its sums from those of another, and its logits. */
  readonly addGroups: () => void
}

/** Where things are, in bytes, and how many. */
interface Places {
  readonly months: number
  readonly headAt: number
  /** Of a row of units. */
  readonly bytes: number
  readonly parts: number
  readonly partsAt: number
  readonly kernelAt: number
  /** Addresses of the sums that parts are meant for. */
  readonly targetsAt: number
  readonly steps: number
  readonly stepsAt: number
}

function loopsOf(memory: WebAssembly.Memory, at: Places): Loops {
  const { months, headAt, bytes } = at
  const [unit, one, two, three, four, five] = [0, 1, 2, 3, 4, 5] // whole numbers
  const [sum, nothing] = [6, 7] // four floats each, as are the months' totals
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

  const [part, row, sums] = [one, two, three]
  const addParts = functionBody(locals, [
    ...set(row, whole(at.kernelAt)),
    ...loop(part, floatBytes, whole(at.parts * floatBytes), [
      ...when(loadWhole(get(part), at.partsAt), [
        ...set(sum, splatAt(get(part), at.partsAt)),
        ...set(sums, loadWhole(get(part), at.targetsAt)),
        ...overUnits([
          store(here(sums), 0, opFours('add', load(here(sums), 0), opFours('multiply', get(sum), load(here(row), 0)))),
        ]),
      ]),
      ...set(row, [...get(row), ...whole(bytes), code.i32Add]),
    ]),
  ])

  const [step, before, change, state, after] = [one, two, three, four, five]
  const addGroups = functionBody(locals, [
    ...set(step, whole(at.stepsAt)),
    ...loop(step, stepBytes, whole(at.stepsAt + at.steps * stepBytes), [
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

  const [first, second] = functionsOf(moduleOf(0, [addParts, addGroups]), memory) as [Compiled, Compiled]
  return { addParts: first, addGroups: second }
}
