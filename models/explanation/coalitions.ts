/** Games of a few players: a coalition's number says who is in it: bit i is player i. */

/** Players in a coalition. */
export function coalitionSize(coalition: number): number {
  let size = 0
  for (let rest = coalition; rest !== 0; rest &= rest - 1) size += 1
  return size
}

/** The player of the lowest number in a coalition that has any. */
export function lowestPlayer(coalition: number): number {
  return 31 - Math.clz32(coalition & -coalition)
}

/**
 * Worths of coalitions to what each gains beyond its parts, in place.
 *
 * @param worths - Row-major, shape `[coalition, quantity]`; may be longer.
 * @see Harsanyi (1963), A Simplified Bargaining Model for the n-Person Cooperative Game, for these dividends
 */
export function toDividends(worths: Float64Array, coalitions: number, quantities: number): void {
  // each coalition with a player less the one without the player, one player after the other
  for (let bit = 1; bit < coalitions; bit <<= 1) {
    for (let coalition = 0; coalition < coalitions; coalition += 1) {
      if ((coalition & bit) === 0) continue
      for (let quantity = 0; quantity < quantities; quantity += 1) {
        const at = coalition * quantities + quantity
        worths[at] = (worths[at] as number) - (worths[at - bit * quantities] as number)
      }
    }
  }
}
