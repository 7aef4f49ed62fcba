/**
 * The leaves that oblivious trees lead rows to, and what they add up to. The loops are WebAssembly: four rows are asked at
 * once, since a question is as good as a coin, and a processor that guesses each answer is wrong half of the time; and
 * two months are added at once.
 */

import { type BoostedTrees, treeCount } from './boosted-trees.ts'
import {
  code,
  type Emit,
  functionBody,
  functionsOf,
  get,
  load,
  loadFloats,
  loadWhole,
  loop,
  memoryOf,
  moduleOf,
  op,
  opFours,
  set,
  splatAt,
  store,
  whole,
} from './wasm-code.ts'

/** Rows that trees are asked for together: their inputs then stay in a processor's cache, and so does each tree. */
export const rowsTogether = 64

/** Finds leaves of the trees of all members, one member after the other. */
export interface LeafFinder {
  /** Shape `[tree, rowsTogether]`, filled anew with every call of {@link LeafFinder.find}. */
  readonly leaves: Int32Array
  /**
   * Finds the leaves of rows.
   *
   * @param inputs - Row-major, shape `[row, input]`.
   * @param from - The first row.
   * @param rows - How many, at most {@link rowsTogether}.
   */
  find(inputs: Float32Array, from: number, rows: number): void
  /**
   * Adds up the leaves that a member's trees were last found to lead rows to, upon its bias, tree by tree.
   *
   * @param member - Its place.
   * @returns Shape `[row, width]`, of which the first H columns are hazard logits; valid until the next call.
   */
  sum(member: number, rows: number): { readonly sums: Float64Array; readonly width: number }
}

const numberBytes = 4
/** Bytes that are computed at once. */
const laneBytes = 16
const columnBytes = rowsTogether * numberBytes
/** A question: where its input's column starts, and its threshold. */
const questionBytes = 2 * numberBytes

const finders = new WeakMap<readonly BoostedTrees[], LeafFinder>()

/** The finder of some members, made once per list: what it last found is overwritten by whoever asks next. */
export function leafFinder(members: readonly BoostedTrees[]): LeafFinder {
  const finder = finders.get(members) ?? createFinder(members)
  finders.set(members, finder)
  return finder
}

function createFinder(members: readonly BoostedTrees[]): LeafFinder {
  const width = members[0]?.inputs ?? 0
  const deepest = Math.max(0, ...members.map(({ depth }) => depth))
  const trees = members.reduce((sum, member) => sum + treeCount(member), 0)
  const questions = members.reduce((sum, { splitInput }) => sum + splitInput.length, 0)
  const horizon = members[0]?.bias.length ?? 0
  const sumWidth = 2 * Math.ceil(horizon / 2)
  const tableBytes = sumWidth * numberBytes
  const hazards = members.reduce((sum, { leaves }) => sum + leaves.length / Math.max(1, horizon), 0)
  // the columns of the inputs come first, then 1, 2, 4 … four times each, the questions, the leaves found, the sums, and
  // the hazards of all leaves
  const powersAt = width * columnBytes
  const questionsAt = powersAt + deepest * laneBytes
  const leavesAt = laneBytes * Math.ceil((questionsAt + questions * questionBytes) / laneBytes)
  const sumsAt = leavesAt + trees * columnBytes
  const hazardsAt = sumsAt + rowsTogether * sumWidth * Float64Array.BYTES_PER_ELEMENT
  const memory = memoryOf(Math.max(1, hazardsAt + hazards * tableBytes))
  const { buffer } = memory
  const columns = new Float32Array(buffer, 0, width * rowsTogether)
  const leaves = new Int32Array(buffer, leavesAt, trees * rowsTogether)
  for (let question = 0; question < deepest; question += 1) {
    new Float32Array(buffer, powersAt + question * laneBytes, 4).fill(2 ** question)
  }
  const sums = new Float64Array(buffer, sumsAt, rowsTogether * sumWidth)
  let [question, tree, leaf] = [0, 0, 0]
  const bodies: Emit[] = []
  for (const member of members) {
    const { depth, splitInput, threshold } = member
    const [firstQuestion, firstTree, firstLeaf] = [question, tree, leaf]
    for (let at = 0; at < splitInput.length; at += 1, question += 1) {
      const place = questionsAt + question * questionBytes
      new Int32Array(buffer, place, 1)[0] = (splitInput[at] as number) * columnBytes
      new Float32Array(buffer, place + numberBytes, 1)[0] = threshold[at] as number
    }
    for (let at = 0; at < member.leaves.length; at += horizon, leaf += 1) {
      const place = hazardsAt + leaf * tableBytes
      new Float32Array(buffer, place, horizon).set(member.leaves.subarray(at, at + horizon))
    }
    tree += treeCount(member)
    if (splitInput.length === 0) continue
    const found = leavesAt + firstTree * columnBytes
    bodies.push(
      findBody(depth, {
        questions: questionsAt + firstQuestion * questionBytes,
        end: questionsAt + question * questionBytes,
        powers: powersAt,
        leaves: found,
      }),
      sumBody(sumWidth, 2 ** depth, {
        hazards: hazardsAt + firstLeaf * tableBytes,
        end: hazardsAt + leaf * tableBytes,
        leaves: found,
        sums: sumsAt,
      }),
    )
  }
  const functions = functionsOf(moduleOf(1, bodies), memory)
  // of each member that has trees: what finds leaves, and what adds them up
  const ofMembers = members.map(({ splitInput }) => (splitInput.length === 0 ? [] : functions.splice(0, 2)))
  return {
    leaves,
    find: (inputs, from, rows) => {
      for (let row = 0, at = from * width; row < rows; row += 1) {
        for (let input = 0, to = row; input < width; input += 1, at += 1, to += rowsTogether) {
          columns[to] = inputs[at] as number
        }
      }
      for (const [find] of ofMembers) find?.(rows * numberBytes)
    },
    sum: (member, rows) => {
      const { bias } = members[member] as BoostedTrees
      for (let row = 0; row < rows; row += 1) sums.set(bias, row * sumWidth)
      ofMembers[member]?.[1]?.(rows * numberBytes)
      return { sums, width: sumWidth }
    },
  }
}

/** The loops over a member's trees and, in each, over rows; its parameter is the bytes of a column that have rows. */
function findBody(
  depth: number,
  at: { readonly questions: number; readonly end: number; readonly powers: number; readonly leaves: number },
): Emit {
  const [rowBytes, question, row, leaf, start] = [0, 1, 2, 4, 3] // a parameter, three whole numbers, a vector
  const answers = Array.from({ length: depth }, (_, place): Emit => {
    const offset = place * questionBytes
    const input = load([...loadWhole(get(question), offset), ...get(row), code.i32Add], 0)
    const above = splatAt(get(question), offset + numberBytes)
    const power = load(whole(0), at.powers + place * laneBytes)
    return set(leaf, opFours('add', get(leaf), opFours('and', opFours('greater', input, above), power)))
  })
  return functionBody(
    [
      [3, 'i32'],
      [1, 'v128'],
    ],
    [
      ...set(question, whole(at.questions)),
      ...set(start, whole(at.leaves)),
      ...loop(question, depth * questionBytes, whole(at.end), [
        ...set(row, whole(0)),
        ...loop(row, laneBytes, get(rowBytes), [
          ...set(leaf, opFours('subtract', get(leaf), get(leaf))),
          ...answers.flat(),
          ...store([...get(start), ...get(row), code.i32Add], 0, opFours('toWhole', get(leaf))),
        ]),
        ...set(start, [...get(start), ...whole(columnBytes), code.i32Add]),
      ]),
    ],
  )
}

/** The loops over a member's trees and, in each, over rows, whose sums a leaf is added to; the parameter as above. */
function sumBody(
  width: number,
  leavesPerTree: number,
  at: { readonly hazards: number; readonly end: number; readonly leaves: number; readonly sums: number },
): Emit {
  const [rowBytes, table, row, start, sum, leaf] = [0, 1, 2, 3, 4, 5] // a parameter, five whole numbers
  const months = Array.from({ length: width / 2 }, (_, pair): Emit => {
    const toSum = pair * laneBytes
    const added = loadFloats(get(leaf), pair * 2 * numberBytes)
    return store(get(sum), toSum, op('add', load(get(sum), toSum), added))
  })
  const found = loadWhole([...get(start), ...get(row), code.i32Add], 0)
  return functionBody(
    [[5, 'i32']],
    [
      ...set(table, whole(at.hazards)),
      ...set(start, whole(at.leaves)),
      ...loop(table, leavesPerTree * width * numberBytes, whole(at.end), [
        ...set(row, whole(0)),
        ...set(sum, whole(at.sums)),
        ...loop(row, numberBytes, get(rowBytes), [
          ...set(leaf, [...get(table), ...found, ...whole(width * numberBytes), code.i32Multiply, code.i32Add]),
          ...months.flat(),
          ...set(sum, [...get(sum), ...whole(width * Float64Array.BYTES_PER_ELEMENT), code.i32Add]),
        ]),
        ...set(start, [...get(start), ...whole(columnBytes), code.i32Add]),
      ]),
    ],
  )
}
