/** The evaluator's buffers, which lie in the vector module's memory, and runs of the module's loops over them. */

import type { Window } from '../expression.ts'
import type { Run } from './kernel.ts'
import { type VectorFunction, vectorLoops, type WindowFunction } from './vector-module.ts'

const pageBytes = 65_536

/** Room before the first buffer, so that a lag can point before a buffer's beginning. */
const leadBytes = pageBytes

const memory = new WebAssembly.Memory({ initial: 2 })
const loopNamed = vectorLoops(memory)

/**
 * Buffers of doubles that the loops can reach. Those reserved before are no longer valid.
 *
 * @param rows - Shape `[row]` of each, at least.
 */
export function reserveBuffers(count: number, rows: number): Float64Array[] {
  const length = rows + (rows % 2)
  const bytes = leadBytes + count * length * Float64Array.BYTES_PER_ELEMENT
  if (bytes > memory.buffer.byteLength) memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / pageBytes))
  return Array.from(
    { length: count },
    (_, place) => new Float64Array(memory.buffer, leadBytes + place * length * Float64Array.BYTES_PER_ELEMENT, length),
  )
}

/** A loop over one or two inputs. */
export function vectorRun(name: VectorFunction, p = 0, q = 0): Run {
  const loop = loopNamed(name)
  return ({ rows, age }, [first, second = first], out) => {
    if (first === undefined || second === undefined) return
    loop(rows, first.byteOffset, second.byteOffset, out.byteOffset, age.byteOffset, p, q)
  }
}

/** A loop whose first input is taken as it was some months before; the second is it as of now where only one is given. */
export function laggedRun(name: VectorFunction, months: number): Run {
  const loop = loopNamed(name)
  const lagBytes = months * Float64Array.BYTES_PER_ELEMENT
  return ({ rows, age }, [first, second = first], out) => {
    if (first === undefined || second === undefined) return
    // a lag longer than the chunk reaches no row at all, only the room before it
    loop(rows, Math.max(0, first.byteOffset - lagBytes), second.byteOffset, out.byteOffset, age.byteOffset, months, 0)
  }
}

/** Most months that a window can reach back without leaving the room before the buffers. */
const monthsAtMost = leadBytes / Float64Array.BYTES_PER_ELEMENT

/** A loop over windows of one account's months; a window as long as the account is its months so far. */
export function windowRun(name: WindowFunction, window: Window): Run {
  const loop = loopNamed(name)
  return ({ rows, age, accounts, accountStart }, [of], out) => {
    if (of === undefined) return
    let longest = 0
    for (let account = 0; account < accounts; account += 1) {
      longest = Math.max(longest, (accountStart[account + 1] as number) - (accountStart[account] as number))
    }
    const months = Math.min(window === 'ever' ? longest : Math.min(window, longest), monthsAtMost)
    loop(rows, of.byteOffset, months, out.byteOffset, age.byteOffset, months, 0)
  }
}
