/** Which rows a score is judged on at a horizon, and what became of them. */

/** What was seen of rows in their performance window, and what could be; columns of shape `[row]`. */
export interface Performance {
  readonly rows: number
  /** Months of the performance window seen, 0…H. */
  readonly observedMonths: Uint8Array
  /** 1…H, the month of the first event; 0 = none seen. */
  readonly eventMonth: Uint8Array
  /** Months of the performance window that can be seen, 1…H: as many as the contract leaves, and of training rows none of the test. */
  readonly contractMonths: Uint8Array
}

/** The same of some rows, in the order given. */
export function performanceOf(all: Performance, rows: Int32Array): Performance {
  const of = (column: Uint8Array): Uint8Array => Uint8Array.from(rows, row => column[row] as number)
  return {
    rows: rows.length,
    observedMonths: of(all.observedMonths),
    eventMonth: of(all.eventMonth),
    contractMonths: of(all.contractMonths),
  }
}

/**
 * Rows that count at a horizon of h months: their contract leaves h months to be seen, and either the event came within
 * them or all of them were seen.
 *
 * Without the first condition a loan with two instalments left would count at six months only if its event came: whoever
 * knows the instalments left would know the answer.
 *
 * @param belongs - Leaves out the other rows.
 * @returns Rows, ascending, and 1 for each whose event came within h months.
 */
export function rowsAtHorizon(
  { rows: count, observedMonths, eventMonth, contractMonths }: Performance,
  horizon: number,
  belongs: (row: number) => boolean = () => true,
): { rows: Int32Array; events: Uint8Array } {
  const happened = (row: number): boolean => {
    const event = eventMonth[row] as number
    return event > 0 && event <= horizon
  }
  const rows: number[] = []
  for (let row = 0; row < count; row += 1) {
    const known = happened(row) || (observedMonths[row] as number) >= horizon
    if (known && (contractMonths[row] as number) >= horizon && belongs(row)) rows.push(row)
  }
  return { rows: Int32Array.from(rows), events: Uint8Array.from(rows, row => (happened(row) ? 1 : 0)) }
}
