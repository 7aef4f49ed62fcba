/** How every program of ours ends: bad input is told in one line per problem, a fault of ours with its stack. */

import { InputError } from './errors.ts'

/** Exit codes: 0 done, 1 a fault of ours, 2 bad input. */
export const exitCodes = { fault: 1, badInput: 2 } as const

/** Runs a program's main function and sets the exit code; messages go to standard error. */
export async function runProgram(main: () => Promise<unknown>): Promise<void> {
  try {
    await main()
  } catch (error) {
    if (error instanceof InputError) {
      console.error(error.message)
      process.exitCode = exitCodes.badInput
    } else {
      console.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
      process.exitCode = exitCodes.fault
    }
  }
}
