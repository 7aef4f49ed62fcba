/** The one error that bad input gets: it says where, what was found and what was expected. */

/** Where and why an input was refused. Rows count data records from 1, the header not included. */
export interface InputProblem {
  /** File path, request part or environment variable. */
  readonly source: string
  readonly row?: number
  /** Line of a text file, from 1; for files that people write, such as a policy. */
  readonly line?: number
  readonly field?: string
  /** What was found, as text; borrower data only where the caller owns the file. */
  readonly found?: string
  readonly expected: string
  /** Name of the rule that was broken, such as `payment-of-unknown-account`. */
  readonly rule?: string
}

/** Bad input from outside: a file, a request, a setting. Never a bug of ours. */
export class InputError extends Error {
  readonly problems: readonly InputProblem[]

  constructor(problems: InputProblem | readonly InputProblem[]) {
    const list = Array.isArray(problems) ? (problems as readonly InputProblem[]) : [problems as InputProblem]
    super(list.map(describeProblem).join('\n'))
    this.name = 'InputError'
    this.problems = list
  }
}

/**
 * One problem as one line of text.
 *
 * @example
 *   `payments.csv, row 17, field paidOn: found "2026-02-30", expected a date that exists, as YYYY-MM-DD (rule not-a-date)`
 */
export function describeProblem(problem: InputProblem): string {
  const where = [
    problem.source,
    problem.row === undefined ? undefined : `row ${problem.row}`,
    problem.line === undefined ? undefined : `line ${problem.line}`,
    problem.field === undefined ? undefined : `field ${problem.field}`,
  ].filter(part => part !== undefined)
  const found = problem.found === undefined ? '' : `found ${JSON.stringify(problem.found)}, `
  const rule = problem.rule === undefined ? '' : ` (rule ${problem.rule})`
  return `${where.join(', ')}: ${found}expected ${problem.expected}${rule}`
}
