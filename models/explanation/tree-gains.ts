/**
 * Adds up what sets of questions gain, for rows and trees. The loops are WebAssembly: two months at once, and what a set
 * gives to each of its tree's questions four at once.
 */

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
  loadFloat,
  loadWhole,
  loop,
  memoryOf,
  moduleOf,
  op,
  opFours,
  pairSum,
  repeat,
  set,
  splatFloat,
  store,
  storeFloat,
  when,
  whole,
} from '../wasm-code.ts'

/** What is known of one tree before any row. A set of its questions is a number: bit i is question i. */
export interface TreeGains {
  readonly depth: number
  /** Leaf of the baseline. */
  readonly own: number
  /** Input that each question looks at. */
  readonly inputs: ArrayLike<number>
  /** What a set of questions, answered other than the baseline does, gains beyond its subsets; shape `[set, H]`. */
  readonly dividends: Float64Array
  /** The coalition of groups that a set asks about, shape `[set]`. */
  readonly groupsOf: ArrayLike<number>
  /** What of a set's gain each question gets: its input's first question an equal share, others nothing; `[set, depth]`. */
  readonly parts: ArrayLike<number>
}

/** Rows, and what is added up for them; filled and read by the caller. */
export interface GainSums {
  /** Leaves that the trees lead rows to, shape `[tree, leafStride]`. */
  readonly leaves: Int32Array
  /** Of each hazard logit, shape `[row, months]`. */
  readonly weights: Float64Array
  /** Of the weighted sum of the hazard logits, shape `[row, input]`. */
  readonly contributions: Float32Array
  /** Dividends of coalitions of groups, shape `[row, coalition, months]`. */
  readonly worths: Float64Array
  /** H, or one more where that is odd. */
  readonly months: number
  /** Adds what all trees say of the first rows. */
  add(rows: number): void
  /** Makes worths of the first rows' dividends: every coalition's is the sum of the dividends of its subsets. */
  toWorths(rows: number): void
}

/** How many of each. */
export interface GainShape {
  readonly rows: number
  readonly inputs: number
  readonly coalitions: number
  readonly horizon: number
  /** Rows in a tree's list of leaves. */
  readonly leafStride: number
}

const [wholeBytes, doubleBytes, laneBytes] = [4, 8, 16]

/** Prepares sums of at most so many rows, all of them 0. */
export function gainSums(trees: readonly TreeGains[], shape: GainShape): GainSums {
  const { rows, inputs, coalitions, horizon, leafStride } = shape
  const months = 2 * Math.ceil(horizon / 2)
  let end = 0
  const place = (bytes: number): number => {
    const at = end
    end += laneBytes * Math.ceil(bytes / laneBytes)
    return at
  }
  const places = {
    leavesAt: place(trees.length * leafStride * wholeBytes),
    weightsAt: place(rows * months * doubleBytes),
    contributionsAt: place(rows * inputs * wholeBytes),
    worthsAt: place(rows * coalitions * months * doubleBytes),
  }
  const treesAt = trees.map(tree => place(formOf(tree.depth, months).treeBytes))
  const memory = memoryOf(Math.max(1, end))
  const { buffer } = memory
  trees.forEach((tree, at) => {
    writeTree(buffer, treesAt[at] as number, tree, months, horizon)
  })
  const worthBytes = coalitions * months * doubleBytes

  // trees of one depth after each other share a loop
  const bodies: Emit[] = []
  for (let from = 0, to = 0; from < trees.length; from = to) {
    const { depth } = trees[from] as TreeGains
    while (to < trees.length && trees[to]?.depth === depth) to += 1
    bodies.push(
      addBody(formOf(depth, months), {
        ...places,
        leavesAt: places.leavesAt + from * leafStride * wholeBytes,
        leafBytes: leafStride * wholeBytes,
        inputBytes: inputs * wholeBytes,
        worthBytes,
        from: treesAt[from] as number,
        to: treesAt[to] ?? end,
      }),
    )
  }
  const toWorths = toWorthsBody(places.worthsAt, months * doubleBytes, worthBytes)
  const functions = functionsOf(moduleOf(1, [toWorths, ...bodies]), memory)
  const [spread, ...adding] = functions as [Compiled, ...Compiled[]]
  return {
    leaves: new Int32Array(buffer, places.leavesAt, trees.length * leafStride),
    weights: new Float64Array(buffer, places.weightsAt, rows * months),
    contributions: new Float32Array(buffer, places.contributionsAt, rows * inputs),
    worths: new Float64Array(buffer, places.worthsAt, rows * coalitions * months),
    months,
    add: count => {
      for (const one of adding) one(count * wholeBytes)
    },
    toWorths: count => spread(places.worthsAt + count * worthBytes),
  }
}

/** How a tree lies in memory: its baseline's leaf, the inputs of its questions, and then its sets. */
interface TreeForm {
  readonly depth: number
  readonly months: number
  /** Vectors that hold something of each question. */
  readonly fours: number
  readonly headBytes: number
  /** A set: its dividends, the parts of its questions, and where its coalition's worths are. */
  readonly setBytes: number
  readonly treeBytes: number
}

function formOf(depth: number, months: number): TreeForm {
  const fours = Math.ceil(depth / 4)
  const headBytes = (1 + fours) * laneBytes
  const setBytes = months * doubleBytes + (fours + 1) * laneBytes
  return { depth, months, fours, headBytes, setBytes, treeBytes: headBytes + (setBytes << depth) }
}

function writeTree(buffer: ArrayBuffer, at: number, tree: TreeGains, months: number, horizon: number): void {
  const { depth, fours, headBytes, setBytes } = formOf(tree.depth, months)
  new Int32Array(buffer, at, 1)[0] = tree.own
  new Int32Array(buffer, at + laneBytes, depth).set(Array.from(tree.inputs, input => input * wholeBytes))
  for (let one = 0; one < 1 << depth; one += 1) {
    const from = at + headBytes + one * setBytes
    new Float64Array(buffer, from, horizon).set(tree.dividends.subarray(one * horizon, (one + 1) * horizon))
    const parts = new Float32Array(buffer, from + months * doubleBytes, depth)
    for (let question = 0; question < depth; question += 1)
      parts[question] = tree.parts[one * depth + question] as number
    const group = new Int32Array(buffer, from + months * doubleBytes + fours * laneBytes, 1)
    group[0] = (tree.groupsOf[one] as number) * months * doubleBytes
  }
}

/** Adds to each coalition with a group what the one without it has, group after group, for all rows up to an address. */
function toWorthsBody(worthsAt: number, coalitionBytes: number, worthBytes: number): Emit {
  const [end, block, at, middle] = [0, 1, 2, 3]
  const groups: Emit[] = []
  for (let bytes = coalitionBytes; bytes < worthBytes; bytes *= 2) {
    groups.push([
      ...set(block, whole(worthsAt)),
      ...loop(block, 2 * bytes, get(end), [
        ...set(at, get(block)),
        ...set(middle, [...get(block), ...whole(bytes), code.i32Add]),
        ...loop(at, laneBytes, get(middle), store(get(at), bytes, op('add', load(get(at), bytes), load(get(at), 0)))),
      ]),
    ])
  }
  return functionBody([[3, 'i32']], groups.flat())
}

/** The loops over some trees, over rows, and over the sets of questions that the row answers other than the baseline. */
function addBody(
  { depth, months, fours, headBytes, setBytes, treeBytes }: TreeForm,
  at: {
    readonly leavesAt: number
    readonly weightsAt: number
    readonly contributionsAt: number
    readonly worthsAt: number
    readonly leafBytes: number
    readonly inputBytes: number
    readonly worthBytes: number
    readonly from: number
    readonly to: number
  },
): Emit {
  const [rowBytes, tree, leaf, row, weights, contributions, worths] = [0, 1, 2, 3, 4, 5, 6]
  const [different, left, from, to, input] = [7, 8, 9, 10, 11] // whole numbers; then vectors
  const [sum, gain, nothing, firstPart] = [12, 13, 14, 15]
  const advance = (local: number, by: number): Emit => set(local, [...get(local), ...whole(by), code.i32Add])
  const pairs = Array.from({ length: months / 2 }, (_, pair) => pair * laneBytes)
  const parts = Array.from({ length: fours }, (_, four) => firstPart + four)

  const setOffset: Emit = [...get(left), ...whole(setBytes), code.i32Multiply]
  const addSet: Emit = [
    ...set(from, [...get(tree), ...whole(headBytes), code.i32Add, ...setOffset, code.i32Add]),
    ...set(to, [...get(worths), ...loadWhole(get(from), months * doubleBytes + fours * laneBytes), code.i32Add]),
    ...set(sum, get(nothing)),
    ...pairs.flatMap(pair => [
      ...set(gain, load(get(from), pair)),
      ...store(get(to), pair, op('add', load(get(to), pair), get(gain))),
      ...set(sum, op('add', get(sum), op('multiply', get(gain), load(get(weights), pair)))),
    ]),
    ...set(sum, splatFloat(pairSum(get(sum)))),
    ...parts.flatMap((part, four) => {
      const given = opFours('multiply', get(sum), load(get(from), months * doubleBytes + four * laneBytes))
      return set(part, opFours('add', get(part), given))
    }),
  ]
  const giveToInputs = Array.from({ length: depth }, (_, question): Emit => {
    const given = lane(question % 4, get(parts[Math.floor(question / 4)] as number))
    return [
      ...set(input, [...get(contributions), ...loadWhole(get(tree), laneBytes + question * wholeBytes), code.i32Add]),
      ...storeFloat(get(input), 0, addDoubles(loadFloat(get(input), 0), given)),
    ]
  }).flat()

  return functionBody(
    [
      [11, 'i32'],
      [3 + fours, 'v128'],
    ],
    [
      ...set(tree, whole(at.from)),
      ...set(leaf, whole(at.leavesAt)),
      ...loop(tree, treeBytes, whole(at.to), [
        ...set(row, whole(0)),
        ...set(weights, whole(at.weightsAt)),
        ...set(contributions, whole(at.contributionsAt)),
        ...set(worths, whole(at.worthsAt)),
        ...loop(row, wholeBytes, get(rowBytes), [
          ...set(different, [
            ...loadWhole([...get(leaf), ...get(row), code.i32Add], 0),
            ...loadWhole(get(tree), 0),
            code.i32Xor,
          ]),
          ...when(get(different), [
            ...set(left, get(different)),
            ...parts.flatMap(part => set(part, get(nothing))),
            ...repeat(
              [...addSet, ...set(left, [...get(left), ...whole(1), code.i32Subtract, ...get(different), code.i32And])],
              get(left),
            ),
            ...giveToInputs,
          ]),
          ...advance(weights, months * doubleBytes),
          ...advance(contributions, at.inputBytes),
          ...advance(worths, at.worthBytes),
        ]),
        ...advance(leaf, at.leafBytes),
      ]),
    ],
  )
}
