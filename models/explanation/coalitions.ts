/** Games of a few players: a coalition's number says who is in it: bit i is player i. */

/** Players in a coalition. */
export function coalitionSize(coalition: number): number {
  let size = 0
  for (let rest = coalition; rest !== 0; rest &= rest - 1) size += 1
  return size
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

/** Players that a coalition has, or lacks, at most, for its worth to be computed; the others follow from these. */
const playersSeen = 2

/** Coalitions of `players` of which {@link fillMiddle} needs the worth: the smallest and the largest. */
export function outerCoalitions(players: number): number[] {
  return Array.from({ length: 1 << players }, (_, coalition) => coalition).filter(coalition =>
    isOuter(coalitionSize(coalition), players),
  )
}

function isOuter(size: number, players: number): boolean {
  return size <= playersSeen || size >= players - playersSeen
}

/**
 * Fills in the worths of coalitions of middling size, in place, as if no three players did together what no two of them
 * do: once up from the smallest coalitions, once down from the largest.
 *
 * Where three do, alike in all threes, one is too small by the threes that are in the coalition, the other too large by
 * those outside: so the two are weighted that both errors cancel.
 *
 * @param worths - Row-major, shape `[2ⁿ, quantity]`; those of {@link outerCoalitions} are set.
 */
export function fillMiddle(worths: Float64Array, players: number, quantities: number): void {
  const coalitions = 1 << players
  const [up, down] = [new Float64Array(worths.length), new Float64Array(worths.length)]
  for (let coalition = 0; coalition < coalitions; coalition += 1) {
    const size = coalitionSize(coalition)
    const own = worths.subarray(coalition * quantities, (coalition + 1) * quantities)
    if (size <= playersSeen) up.set(own, coalition * quantities)
    if (size >= players - playersSeen) down.set(own, (coalitions - 1 - coalition) * quantities)
  }
  for (const part of [up, down]) {
    toDividends(part, coalitions, quantities)
    for (let coalition = 0; coalition < coalitions; coalition += 1) {
      if (coalitionSize(coalition) > playersSeen) {
        part.fill(0, coalition * quantities, (coalition + 1) * quantities)
      }
    }
    fromDividends(part, coalitions, quantities)
  }
  for (let coalition = 0; coalition < coalitions; coalition += 1) {
    const size = coalitionSize(coalition)
    if (isOuter(size, players)) continue
    const [inside, outside] = [threes(size), threes(players - size)]
    const share = outside / (inside + outside)
    for (let quantity = 0; quantity < quantities; quantity += 1) {
      const fromBelow = up[coalition * quantities + quantity] as number
      const fromAbove = down[(coalitions - 1 - coalition) * quantities + quantity] as number
      worths[coalition * quantities + quantity] = share * fromBelow + (1 - share) * fromAbove
    }
  }
}

/** Threes among so many players. */
function threes(players: number): number {
  return (players * (players - 1) * (players - 2)) / 6
}
