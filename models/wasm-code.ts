/**
 * WebAssembly as bytes, as far as it is needed here: JavaScript has no instructions that work on several numbers at
 * once, and WebAssembly's 128-bit ones are in every engine that Node has shipped since version 16. Numbers are IEEE 754
 * doubles, as in JavaScript, whose results are the same to the bit; or floats, four at once, as in `Float32Array`.
 */

/** Instructions, by the names of the WebAssembly specification, release 2.0. */
export const code = {
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  end: 0x0b,
  loop: 0x03,
  branchIf: 0x0d,
  i32Const: 0x41,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i32Multiply: 0x6c,
  i32And: 0x71,
  i32Xor: 0x73,
  i32ShiftLeft: 0x74,
  i32LessUnsigned: 0x49,
  f64Const: 0x44,
} as const

/** Instructions on pairs of doubles; each is preceded by the byte 0xfd. */
const vector = {
  splat: 0x14,
  equal: 0x47,
  notEqual: 0x48,
  less: 0x49,
  greater: 0x4a,
  lessOrEqual: 0x4b,
  greaterOrEqual: 0x4c,
  and: 0x4e,
  andNot: 0x4f,
  or: 0x50,
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

/** Instructions on four floats; each is preceded by the byte 0xfd. */
const fours = {
  greater: 0x44,
  and: 0x4e,
  add: 0xe4,
  subtract: 0xe5,
  multiply: 0xe6,
  /** To four whole numbers, towards 0. */
  toWhole: 0xf8,
  /** The second where the first is less, else the first. */
  pairMax: 0xeb,
} as const

/** A part of a function: what it computes, 16 bytes of numbers or masks, is left on the stack. */
export type Emit = readonly number[]

/** A local's value. */
export const get = (place: number): Emit => [code.localGet, ...unsigned(place)]

/** Gives a local a value. */
export const set = (place: number, value: Emit): Emit => [...value, code.localSet, ...unsigned(place)]

/** A whole number, at least 0. */
export const whole = (value: number): Emit => [code.i32Const, ...unsigned(value, 0x40)]

/** An instruction on pairs of doubles. */
export const op = (name: keyof typeof vector, ...operands: readonly Emit[]): Emit => [
  ...operands.flat(),
  0xfd,
  ...unsigned(vector[name]),
]

/** An instruction on four floats. */
export const opFours = (name: keyof typeof fours, ...operands: readonly Emit[]): Emit => [
  ...operands.flat(),
  0xfd,
  ...unsigned(fours[name]),
]

/** The 16 bytes at an address plus a fixed offset, in bytes. */
export const load = (address: Emit, offset: number): Emit => [...address, 0xfd, 0x00, 0, ...unsigned(offset)]

/** Two floats at an address plus a fixed offset, in bytes, as doubles. */
export const loadFloats = (address: Emit, offset: number): Emit => [
  ...address,
  0xfd,
  0x5d,
  0,
  ...unsigned(offset),
  0xfd,
  0x5f,
]

/** The whole number at an address plus a fixed offset, in bytes. */
export const loadWhole = (address: Emit, offset: number): Emit => [...address, 0x28, 0, ...unsigned(offset)]

/** The float at an address plus a fixed offset, in bytes, four times. */
export const splatAt = (address: Emit, offset = 0): Emit => [...address, 0xfd, 0x09, 0, ...unsigned(offset)]

/** One of four floats, 0 – 3, as a double. */
export const lane = (place: number, four: Emit): Emit => [...four, 0xfd, 0x1f, place, 0xbb]

/** The sum of a pair of doubles. */
export const pairSum = (pair: Emit): Emit => [...pair, 0xfd, 0x21, 0, ...pair, 0xfd, 0x21, 1, 0xa0]

/** A double as a float, four times. */
export const splatFloat = (value: Emit): Emit => [...value, 0xb6, 0xfd, 0x13]

/** The float at an address plus a fixed offset, in bytes, as a double. */
export const loadFloat = (address: Emit, offset: number): Emit => [...address, 0x2a, 0, ...unsigned(offset), 0xbb]

/** The sum of two doubles. */
export const addDoubles = (one: Emit, other: Emit): Emit => [...one, ...other, 0xa0]

/** Stores a double as a float. */
export const storeFloat = (address: Emit, offset: number, value: Emit): Emit => [
  ...address,
  ...value,
  0xb6,
  0x38,
  0,
  ...unsigned(offset),
]

/** Stores 16 bytes. */
export const store = (address: Emit, offset: number, value: Emit): Emit => [
  ...address,
  ...value,
  0xfd,
  0x0b,
  0,
  ...unsigned(offset),
]

/** A number, twice. */
export const splat = (value: number): Emit =>
  op('splat', [code.f64Const, ...new Uint8Array(Float64Array.of(value).buffer)])

/** `yes` where the mask is set, else `no`. */
export const select = (mask: Emit, yes: Emit, no: Emit): Emit => op('select', yes, no, mask)

/** The second double of one pair and the first of another. */
export const secondAndFirst = (one: Emit, other: Emit): Emit => [
  ...one,
  ...other,
  ...[0xfd, 0x0d],
  ...Array.from({ length: 16 }, (_, byte) => byte + 8),
]

/**
 * Does something while a counter is below a limit, at least once.
 *
 * @param counter - A local: what is added to it after each turn is `step`.
 */
export const loop = (counter: number, step: number, limit: Emit, body: Emit): Emit => [
  ...[code.loop, 0x40],
  ...body,
  ...[...get(counter), ...whole(step), code.i32Add, code.localTee, ...unsigned(counter)],
  ...[...limit, code.i32LessUnsigned, code.branchIf, 0, code.end],
]

/** Does something until a whole number, looked at after each turn, is 0. */
export const repeat = (body: Emit, number: Emit): Emit => [
  code.loop,
  0x40,
  ...body,
  ...number,
  code.branchIf,
  0,
  code.end,
]

/** Does something if a whole number isn't 0. */
export const when = (number: Emit, body: Emit): Emit => [...number, 0x04, 0x40, ...body, code.end]

/** Types of a function's locals, by the names of the specification. */
const localTypes = { i32: 0x7f, v128: 0x7b } as const

/** A function's body. */
export function functionBody(
  locals: readonly (readonly [count: number, type: keyof typeof localTypes])[],
  instructions: Emit,
): Emit {
  return sized([
    ...unsigned(locals.length),
    ...locals.flatMap(([count, type]) => [...unsigned(count), localTypes[type]]),
    ...instructions,
    code.end,
  ])
}

/**
 * A module of functions of `parameters` integers over an imported memory, `env.memory`; they are exported under their
 * places, from 0 on.
 */
export function moduleOf(parameters: number, bodies: readonly Emit[]): WebAssembly.Module {
  const type = [0x60, parameters, ...Array.from({ length: parameters }, () => localTypes.i32), 0]
  const memory = [...text('env'), ...text('memory'), 0x02, 0x00, 1]
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...type]),
    ...section(2, [1, ...memory]),
    ...section(3, [...unsigned(bodies.length), ...bodies.map(() => 0)]),
    ...section(7, [
      ...unsigned(bodies.length),
      ...bodies.flatMap((_, at) => [...text(String(at)), 0, ...unsigned(at)]),
    ]),
    ...section(10, [...unsigned(bodies.length), ...bodies.flat()]),
  ])
  return new WebAssembly.Module(bytes)
}

/** A function of whole numbers, such as addresses; what it computes goes to memory. */
export type Compiled = (...parameters: number[]) => void

const isCompiled = (value: unknown): value is Compiled => typeof value === 'function'

/** The functions of a module that {@link moduleOf} made, over a memory. */
export function functionsOf(module: WebAssembly.Module, memory: WebAssembly.Memory): Compiled[] {
  return Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports).filter(isCompiled)
}

const pageBytes = 65_536

/** A memory of at least so many bytes, all of them 0. */
export function memoryOf(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) })
}

const section = (id: number, content: Emit): Emit => [id, ...sized(content)]
const sized = (content: Emit): Emit => [...unsigned(content.length), ...content]
const text = (value: string): Emit => sized([...new TextEncoder().encode(value)])

/** An integer in LEB128; constants are signed, so that their last byte ends below 0x40. */
function unsigned(value: number, lastBelow = 0x80): number[] {
  return value < lastBelow ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7, lastBelow)]
}
