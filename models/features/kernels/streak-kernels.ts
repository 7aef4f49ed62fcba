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
  for (let row = start; row < end; row += 1) {
    let run = 0
    let longest = Number.NaN
    for (let month = Math.max(start, row - length + 1); month <= row; month += 1) {
      const value = of[month] as number
      run = value === 1 ? run + 1 : 0
      if (!Number.isNaN(value) && !(run <= longest)) longest = run
    }
    out[row] = longest
  }
}
