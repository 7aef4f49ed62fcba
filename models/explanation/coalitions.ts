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
  addSubsets(worths, coalitions, quantities, -1)
}

/** Dividends to worths, in place: every coalition's worth is the sum of the dividends of its subsets. */
export function fromDividends(dividends: Float64Array, coalitions: number, quantities: number): void {
  addSubsets(dividends, coalitions, quantities, 1)
}

/** Adds to each coalition with a player `times` what the coalition without the player has, one player after the other. */
function addSubsets(values: Float64Array, coalitions: number, quantities: number, times: 1 | -1): void {
  for (let bit = 1; bit < coalitions; bit <<= 1) {
    for (let coalition = 0; coalition < coalitions; coalition += 1) {
      if ((coalition & bit) === 0) continue
      for (let quantity = 0; quantity < quantities; quantity += 1) {
        const at = coalition * quantities + quantity
        values[at] = (values[at] as number) + times * (values[at - bit * quantities] as number)
      }
    }
  }
}
