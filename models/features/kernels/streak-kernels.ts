/** Kernels for what window counts can't say: runs of months, and the time since something last happened. */

import type { Kernels } from './kernel.ts'

/** See each kind in `expression.ts` for what it means. */
export const streakKernels: Kernels<'monthsSince' | 'currentStreak' | 'longestStreak'> = {
  monthsSince: {
    inputs: node => [node.of],
    prepare:
      () =>
      ({ accounts, accountStart }, [of], out) => {
        if (of === undefined) return
        for (let account = 0; account < accounts; account += 1) {
          const end = accountStart[account + 1] as number
          let latest = Number.NaN
          for (let row = accountStart[account] as number; row < end; row += 1) {
            if (of[row] === 1) latest = row
            out[row] = row - latest
          }
        }
      },
  },
  currentStreak: {
    inputs: node => [node.of],
    prepare:
      () =>
      ({ accounts, accountStart }, [of], out) => {
        if (of === undefined) return
        for (let account = 0; account < accounts; account += 1) {
          const end = accountStart[account + 1] as number
          let run = 0
          for (let row = accountStart[account] as number; row < end; row += 1) {
            const value = of[row] as number
            run = value === 1 ? run + 1 : 0
            out[row] = Number.isNaN(value) ? Number.NaN : run
          }
        }
      },
  },
  longestStreak: {
    inputs: node => [node.of],
    prepare:
      ({ window }) =>
      ({ accounts, accountStart }, [of], out) => {
        if (of === undefined) return
        for (let account = 0; account < accounts; account += 1) {
          const start = accountStart[account] as number
          const end = accountStart[account + 1] as number
          if (window === 'ever') longestEver(of, out, start, end)
          else longestInWindow(of, out, start, end, window)
        }
      },
  },
}

function longestEver(of: Float64Array, out: Float64Array, start: number, end: number): void {
  let run = 0
  let longest = Number.NaN
  for (let row = start; row < end; row += 1) {
    const value = of[row] as number
    run = value === 1 ? run + 1 : 0
    if (!Number.isNaN(value) && !(run <= longest)) longest = run
    out[row] = longest
  }
}

function longestInWindow(of: Float64Array, out: Float64Array, start: number, end: number, length: number): void {
  let known = 0
  let run = 0 // of trues, up to the row
  let longest = 0
  for (let row = start; row < end; row += 1) {
    const enters = of[row] as number
    if (!Number.isNaN(enters)) known += 1
    run = enters === 1 ? run + 1 : 0
    const left = row - length
    if (left >= start) {
      const leaves = of[left] as number
      if (!Number.isNaN(leaves)) known -= 1
      // only a run that begins with the month that leaves can have become shorter
      if (leaves === 1) longest = longestRun(of, left + 1, row)
    }
    const within = Math.min(run, length)
    if (within > longest) longest = within
    out[row] = known === 0 ? Number.NaN : longest
  }
}

/** Longest run of trues in rows `first` to `last`. */
function longestRun(of: Float64Array, first: number, last: number): number {
  let run = 0
  let longest = 0
  for (let row = first; row <= last; row += 1) {
    run = of[row] === 1 ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}
