/**
 * The common loops of a plan as a WebAssembly module: one function per stage. All values of two rows stay in registers as
 * far as they go; to memory goes what another loop, a lag or a feature will read.
 */

import {
  code,
  type Emit,
  functionBody,
  get,
  load,
  loop,
  moduleOf,
  op,
  secondAndFirst,
  set,
  splat,
  store,
  whole,
} from '../wasm-code.ts'
import type { Builder, Lag } from './kernels/index.ts'
import type { LaneStep, Plan, Stage } from './plan.ts'

const bytesPerNumber = Float64Array.BYTES_PER_ELEMENT
const bytesPerPair = 2 * bytesPerNumber

/** A compiled plan. */
export interface Program {
  readonly plan: Plan
  /** Rows that a buffer holds: those of the longest chunk. */
  readonly rows: number
  /** Where each buffer begins, in bytes; the last one holds the age. */
  readonly bufferAt: readonly number[]
  /** For each stage a function of the number of rows; it reads and writes whole pairs of rows. */
  readonly module: WebAssembly.Module
}

const programs = new WeakMap<Plan, Map<number, Program>>()

/** The program of a plan for chunks of up to `rows` rows, an even number; made once. */
export function programFor(plan: Plan, rows: number): Program {
  const made = programs.get(plan) ?? new Map<number, Program>()
  programs.set(plan, made)
  let program = made.get(rows)
  if (program === undefined) {
    const bufferAt = layOut(plan, rows)
    program = {
      plan,
      rows,
      bufferAt,
      module: moduleOf(
        1,
        plan.stages.map(stage => stageBody(stage, bufferAt)),
      ),
    }
    made.set(rows, program)
  }
  return program
}

/** Bytes of a buffer. A cache line more than needed, lest the same row of all fall into the same set of a cache. */
const bufferBytes = (rows: number): number => rows * bytesPerNumber + 64

function layOut({ buffers, reach }: Plan, rows: number): number[] {
  // room before the first buffer, so that a lag can point before its beginning
  const first = bytesPerPair * Math.ceil((reach + 1) / 2)
  return Array.from({ length: buffers + 1 }, (_, buffer) => first + buffer * bufferBytes(rows))
}

/** Bytes of memory that a program needs. */
export function memoryBytes({ rows, bufferAt }: Program): number {
  return (bufferAt.at(-1) as number) + bufferBytes(rows)
}

/** Places of the parameter and the locals; pairs of doubles come after. */
const local = { rows: 0, row: 1 } as const
const firstPair = 2

function stageBody({ steps }: Stage, bufferAt: readonly number[]): Emit {
  let pairs = 0
  const before: number[] = []
  const body: number[] = []
  const row = get(local.row)
  const allot = (): number => {
    pairs += 1
    return firstPair + pairs - 1
  }
  const keep = (value: Emit, where: number[]): Emit => {
    const place = allot()
    where.push(...set(place, value))
    return get(place)
  }
  const defined = cached((value: Emit) => keep(value, body))
  const define = (value: Emit): Emit => defined(value.join(), value)
  const numbers = cached((value: number) => keep(splat(value), before))
  const number = (value: number): Emit => numbers(Object.is(value, -0) ? '-0' : String(value), value)
  const fromBuffer = (buffer: number): Emit => define(load(row, bufferAt[buffer] as number))
  const age = (): Emit => fromBuffer(bufferAt.length - 1)
  const values: Emit[] = []
  const later: number[] = []
  /** A step's values one month earlier: the second of the pair before, and the first of this one. */
  const monthBefore = cached((step: number) => {
    const value = values[step] as Emit
    const previous = allot()
    later.push(...set(previous, value))
    return define(secondAndFirst(get(previous), value))
  })
  const earlier = (input: LaneStep['inputs'][number], { months, before: filler }: Lag): Emit => {
    const value =
      months === 1 && input.step !== undefined
        ? monthBefore(String(input.step), input.step)
        : load(row, (bufferAt[input.buffer as number] as number) - months * bytesPerNumber)
    const mask = define(op('less', age(), number(months)))
    // all bits set are a number that is missing
    if (Number.isNaN(filler)) return define(op('or', value, mask))
    const known = op('andNot', value, mask)
    return define(Object.is(filler, 0) ? known : op('or', known, define(op('and', mask, number(filler)))))
  }
  const build: Builder = {
    define,
    number,
    get age() {
      return age()
    },
  }
  for (const { lanes, inputs, buffer } of steps) {
    const taken = inputs.map((input, place) => {
      if (place === 0 && lanes.lag !== undefined) return earlier(input, lanes.lag)
      return input.step === undefined ? fromBuffer(input.buffer as number) : (values[input.step] as Emit)
    })
    const value = define(lanes.compute(taken, build))
    values.push(value)
    if (buffer !== undefined) body.push(...store(row, bufferAt[buffer] as number, value))
  }
  return functionBody(
    [
      [1, 'i32'],
      [pairs, 'v128'],
    ],
    [
      ...before,
      ...set(local.rows, [...get(local.rows), ...whole(3), code.i32ShiftLeft]),
      ...loop(local.row, bytesPerPair, get(local.rows), [...body, ...later]),
    ],
  )
}

/** Makes a value once per key. */
function cached<Given>(make: (given: Given) => Emit): (key: string, given: Given) => Emit {
  const made = new Map<string, Emit>()
  return (key, given) => {
    const value = made.get(key) ?? make(given)
    made.set(key, value)
    return value
  }
}
