/** Instants as the statements of the store give them. */

/** SQL of a column's instant as ISO 8601 in UTC, to the millisecond. */
export function instantText(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
