/**
 * Loops over two rows at a time, as a WebAssembly module put together here: JavaScript has no instructions that work on
 * several numbers at once, and WebAssembly's 128-bit ones are in every engine that Node has shipped since version 16.
 *
 * Every function has the same parameters: the number of rows, the byte offsets of the first and second input, of the
 * output and of the age (months since the account's first row), and two constants. It reads and writes whole pairs of
 * rows, so buffers have room for an even number. Numbers are IEEE 754 doubles, as in JavaScript: results are the same
 * to the bit.
 */

/** Instructions, by the names of the WebAssembly specification, release 2.0. */
const code = {
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  end: 0x0b,
  loop: 0x03,
  branchIf: 0x0d,
  i32Const: 0x41,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i32ShiftLeft: 0x74,
  i32LessUnsigned: 0x49,
  f64Const: 0x44,
  f64Subtract: 0xa1,
  f64GreaterOrEqual: 0x66,
} as const

/** Instructions on pairs of doubles; each is preceded by the byte 0xfd. */
const vector = {
  load: 0x00,
  store: 0x0b,
  splat: 0x14,
  equal: 0x47,
  notEqual: 0x48,
  less: 0x49,
  greater: 0x4a,
  lessOrEqual: 0x4b,
  greaterOrEqual: 0x4c,
  and: 0x4e,
  andNot: 0x4f,
  select: 0x52,
  squareRoot: 0xef,
  add: 0xf0,
  subtract: 0xf1,
  multiply: 0xf2,
  divide: 0xf3,
  min: 0xf4,
  max: 0xf5,
  pairMin: 0xf6,
  pairMax: 0xf7,
} as const

type VectorName = keyof typeof vector

/** Places of the parameters and locals of every function. */
const local = { rows: 0, first: 1, second: 2, out: 3, age: 4, p: 5, q: 6, row: 7, a: 8, b: 9 } as const

/** A part of a function: it leaves a pair of doubles, or of masks, on the stack. */
type Emit = readonly number[]

const get = (place: number): Emit => [code.localGet, place]
const op = (name: VectorName, ...operands: readonly Emit[]): Emit => [
  ...operands.flat(),
  0xfd,
  ...unsigned(vector[name]),
]
const load = (place: number): Emit => [
  ...get(place),
  ...get(local.row),
  code.i32Add,
  0xfd,
  ...unsigned(vector.load),
  0,
  0,
]
const number = (value: number): Emit => [
  code.f64Const,
  ...new Uint8Array(Float64Array.of(value).buffer),
  0xfd,
  ...unsigned(vector.splat),
]
/** The first input, kept to be used again, and the second. */
const a: Emit = get(local.a)
const b: Emit = get(local.b)
const p: Emit = op('splat', get(local.p))
const q: Emit = op('splat', get(local.q))
const missing = number(Number.NaN)
const one = number(1)

/** `yes` where the mask is set, else `no`. */
const select = (mask: Emit, yes: Emit, no: Emit): Emit => op('select', yes, no, mask)
const isKnown = (value: Emit): Emit => op('equal', value, value)
/** 1 where the mask is set, else 0. */
const truth = (mask: Emit): Emit => op('and', mask, one)
/** 0 where the value is known, else missing. */
const nothing = (value: Emit): Emit => op('subtract', value, value)
/** 1 or 0 by the mask, missing where the value is. */
const told = (mask: Emit, value: Emit): Emit => op('add', truth(mask), nothing(value))
const either = (first: Emit, second: Emit): Emit => select(isKnown(first), first, second)

/** What each function computes of `a`, `b`, `p` and `q`. */
const bodies = {
  plus: op('add', a, b),
  difference: op('subtract', a, b),
  product: op('multiply', a, b),
  ratio: select(op('greater', b, number(0)), op('divide', a, b), missing),
  clamp: op('pairMin', op('pairMax', a, p), q),
  firstKnown: either(a, b),
  when: select(op('equal', a, one), b, missing),
  known: truth(isKnown(a)),
  above: told(op('greater', a, p), a),
  atLeast: told(op('greaterOrEqual', a, p), a),
  below: told(op('less', a, p), a),
  atMost: told(op('lessOrEqual', a, p), a),
  equalTo: told(op('equal', a, p), a),
  not: op('subtract', one, a),
  /** Of two conditions: 1 if one is, missing if either is. */
  or: op('add', truth(op('notEqual', op('add', a, b), number(0))), nothing(op('add', a, b))),
} as const

/** The same, where `a` is the value `p` months earlier, missing before the account's first row. */
const laggedBodies = {
  lag: a,
  changed: op('add', truth(op('notEqual', a, b)), nothing(op('add', a, b))),
  /** Sum of what is known. */
  addKnown: select(isKnown(op('add', a, b)), op('add', a, b), either(a, b)),
  /** Greatest of what is known. */
  maxKnown: select(isKnown(b), select(op('greater', a, b), a, b), a),
  /** Least of what is known. */
  minKnown: select(isKnown(b), select(op('less', a, b), a, b), a),
} as const

/** Locals of the functions over windows, after the parameters; sums are pairs of doubles. */
const windowLocal = { row: 7, at: 8, lag: 9, a: 10, mask: 11, anchor: 12, known: 13, x: 14 } as const
const firstSum = 15

const value: Emit = get(windowLocal.a)
const known: Emit = get(windowLocal.known)
const x: Emit = get(windowLocal.x)
const sum = (place: number): Emit => get(firstSum + place)
/** Distance from the first known value of the window, so that equal values give exactly 0 and large ones lose no digits. */
const distance: Emit = op('subtract', value, get(windowLocal.anchor))

/**
 * What each function over a window computes: sums over the known months, the earliest first, and the value made of
 * them. `x` is the month's place in the window, from 0 on.
 */
const windowBodies = {
  /** Sample standard deviation; rounding can leave a variance a little below 0. */
  standardDeviation: {
    sums: [distance, op('multiply', distance, distance)],
    value: select(
      op('greaterOrEqual', known, number(2)),
      op(
        'squareRoot',
        op(
          'max',
          number(0),
          op(
            'divide',
            op('subtract', sum(1), op('divide', op('multiply', sum(0), sum(0)), known)),
            op('subtract', known, one),
          ),
        ),
      ),
      missing,
    ),
  },
  /** Slope of the least-squares line. */
  slope: {
    sums: [x, op('multiply', x, x), distance, op('multiply', x, distance)],
    value: select(
      op('greaterOrEqual', known, number(3)),
      op(
        'divide',
        op('subtract', op('multiply', known, sum(3)), op('multiply', sum(0), sum(2))),
        op('subtract', op('multiply', known, sum(1)), op('multiply', sum(0), sum(0))),
      ),
      missing,
    ),
  },
} as const

/** Name of a function over a window: its second parameter is the number of months, as `p` is. */
export type WindowFunction = keyof typeof windowBodies

/** Name of a function of the module. */
export type VectorFunction = keyof typeof bodies | keyof typeof laggedBodies | WindowFunction

/** Rows, offsets of first, second, output and age in bytes, and the constants p and q. */
export type VectorLoop = (
  rows: number,
  first: number,
  second: number,
  out: number,
  age: number,
  p: number,
  q: number,
) => void

/** The body of a function: a loop over pairs of rows. */
function loopOver(body: Emit, lagged: boolean): number[] {
  const earlier = lagged
    ? select(op('greaterOrEqual', load(local.age), p), load(local.first), missing)
    : load(local.first)
  const instructions = [
    ...[...get(local.rows), code.i32Const, 3, code.i32ShiftLeft, code.localSet, local.rows],
    ...[code.loop, 0x40],
    ...[...earlier, code.localSet, local.a],
    ...[...load(local.second), code.localSet, local.b],
    ...[...get(local.out), ...get(local.row), code.i32Add],
    ...[...body, 0xfd, ...unsigned(vector.store), 0, 0],
    ...[...get(local.row), code.i32Const, 16, code.i32Add, code.localTee, local.row],
    ...[...get(local.rows), code.i32LessUnsigned, code.branchIf, 0],
    ...[code.end, code.end],
  ]
  // locals beyond the parameters: one integer, two pairs of doubles
  return sized([2, 1, 0x7f, 2, 0x7b, ...instructions])
}

/** The body of a function over windows: a loop over pairs of rows, and in it one over the months of their windows. */
function loopOverWindows({ sums, value: finished }: { sums: readonly Emit[]; value: Emit }): number[] {
  const { row, at, lag, a: taken, mask, anchor, known: count, x: place } = windowLocal
  const zeroed = [count, ...sums.keys()].map((_, index) => (index === 0 ? count : firstSum + index - 1))
  const lags = op('splat', get(lag))
  const maskedLoad: Emit = [...get(at), 0xfd, ...unsigned(vector.load), 0, 0]
  const age: Emit = [...get(local.age), ...get(row), code.i32Add, 0xfd, ...unsigned(vector.load), 0, 0]
  const add = (target: number, addend: Emit): Emit => [
    ...op('add', get(target), op('and', get(mask), addend)),
    code.localSet,
    target,
  ]
  const instructions = [
    ...[...get(local.rows), code.i32Const, 3, code.i32ShiftLeft, code.localSet, local.rows],
    ...[code.loop, 0x40],
    ...zeroed.flatMap(target => [...number(0), code.localSet, target]),
    ...[...op('subtract', p, one), 0xfd, 0x21, 0, code.localSet, lag],
    ...[...get(local.first), ...get(row), code.i32Add],
    ...[...get(local.second), code.i32Const, 1, code.i32Subtract, code.i32Const, 3, code.i32ShiftLeft],
    ...[code.i32Subtract, code.localSet, at],
    ...[code.loop, 0x40],
    ...[...select(op('greaterOrEqual', age, lags), maskedLoad, missing), code.localTee, taken],
    ...[...get(taken), 0xfd, ...unsigned(vector.equal), code.localSet, mask],
    ...[...select(op('and', get(mask), op('equal', known, number(0))), value, get(anchor)), code.localSet, anchor],
    ...[...op('subtract', op('min', age, op('subtract', p, one)), lags), code.localSet, place],
    ...add(count, one),
    ...sums.flatMap((addend, index) => add(firstSum + index, addend)),
    ...[...get(at), code.i32Const, 8, code.i32Add, code.localSet, at],
    ...[...get(lag), code.f64Const, ...new Uint8Array(Float64Array.of(1).buffer), code.f64Subtract],
    ...[code.localTee, lag, code.f64Const, ...new Uint8Array(Float64Array.of(0).buffer), code.f64GreaterOrEqual],
    ...[code.branchIf, 0, code.end],
    ...[...get(local.out), ...get(row), code.i32Add],
    ...[...finished, 0xfd, ...unsigned(vector.store), 0, 0],
    ...[...get(row), code.i32Const, 16, code.i32Add, code.localTee, row],
    ...[...get(local.rows), code.i32LessUnsigned, code.branchIf, 0],
    ...[code.end, code.end],
  ]
  // locals beyond the parameters: two integers, a double, pairs of doubles
  return sized([3, 2, 0x7f, 1, 0x7c, 5 + sums.length, 0x7b, ...instructions])
}

function moduleBytes(functions: readonly (readonly [string, number[]])[]): Uint8Array<ArrayBuffer> {
  const type = [0x60, 7, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7c, 0x7c, 0]
  const memory = [...text('env'), ...text('memory'), 0x02, 0x00, 1]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...type]),
    ...section(2, [1, ...memory]),
    ...section(3, [...unsigned(functions.length), ...functions.map(() => 0)]),
    ...section(7, [
      ...unsigned(functions.length),
      ...functions.flatMap(([name], at) => [...text(name), 0, ...unsigned(at)]),
    ]),
    ...section(10, [...unsigned(functions.length), ...functions.flatMap(([, body]) => body)]),
  ])
}

const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)]
const sized = (content: readonly number[]): number[] => [...unsigned(content.length), ...content]
const text = (value: string): number[] => sized([...new TextEncoder().encode(value)])

/** An integer in LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** Makes the functions over a memory. */
export function vectorLoops(memory: WebAssembly.Memory): (name: VectorFunction) => VectorLoop {
  const functions = [
    ...Object.entries(bodies).map(([name, body]) => [name, loopOver(body, false)] as const),
    ...Object.entries(laggedBodies).map(([name, body]) => [name, loopOver(body, true)] as const),
    ...Object.entries(windowBodies).map(([name, body]) => [name, loopOverWindows(body)] as const),
  ]
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(functions)), { env: { memory } })
  return name => {
    const found = exports[name]
    if (typeof found !== 'function') throw new Error(`the vector module has no function ${name}`)
    return (rows, first, second, out, age, p, q) => {
      found(rows, first, second, out, age, p, q)
    }
  }
}
