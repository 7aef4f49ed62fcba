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
 * Fills in the worths of coalitions of middling size, in place, as if no four players did together what no three of them
 * do: once up from the smallest coalitions, once down from the largest, and the nearer of the two counts more.
 *
 * What three do isn't computed. But what two do beside all others, less what they do alone, is what they do in threes;
 * of all that threes could do to make up for it, the least is taken.
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
  }
  for (let quantity = 0; quantity < quantities; quantity += 1) addThrees(up, down, players, quantities, quantity)
  for (const part of [up, down]) fromDividends(part, coalitions, quantities)
  for (let coalition = 0; coalition < coalitions; coalition += 1) {
    const size = coalitionSize(coalition)
    if (isOuter(size, players)) continue
    const [inside, outside] = [fours(size), fours(players - size)]
    const share = inside + outside === 0 ? 0.5 : outside / (inside + outside)
    for (let quantity = 0; quantity < quantities; quantity += 1) {
      const fromBelow = up[coalition * quantities + quantity] as number
      const fromAbove = down[(coalitions - 1 - coalition) * quantities + quantity] as number
      worths[coalition * quantities + quantity] = share * fromBelow + (1 - share) * fromAbove
    }
  }
}

/**
 * Adds dividends of threes to a game and to the same game seen from the other end, where joining is leaving.
 *
 * The dividends t of least squares whose sums over the third player are the given d(i, j) have the form
 * t(i, j, k) = u(i, j) + u(i, k) + u(j, k), so that d(i, j) = (n − 4) · u(i, j) + U(i) + U(j), where U sums u over the
 * other player; and sums over j and over both give U.
 */
function addThrees(up: Float64Array, down: Float64Array, players: number, quantities: number, quantity: number): void {
  if (players < 2 * playersSeen + 2) return // every coalition is computed
  const missing = (i: number, j: number): number => {
    const place = ((1 << i) | (1 << j)) * quantities + quantity
    return (down[place] as number) - (up[place] as number)
  }
  const sums = Float64Array.from({ length: players }, (_, i) => {
    let sum = 0
    for (let j = 0; j < players; j += 1) if (j !== i) sum += missing(i, j)
    return sum
  })
  const total = sums.reduce((sum, own) => sum + own, 0) / (3 * players - 6)
  const ofOne = sums.map(sum => (sum - total) / (2 * players - 6))
  const ofTwo = Float64Array.from({ length: players * players }, (_, pair) => {
    const [i, j] = [Math.floor(pair / players), pair % players]
    return (missing(i, j) - (ofOne[i] as number) - (ofOne[j] as number)) / (players - 4)
  })
  const u = (i: number, j: number): number => ofTwo[i * players + j] as number
  for (let i = 0; i < players; i += 1) {
    for (let j = i + 1; j < players; j += 1) {
      for (let k = j + 1; k < players; k += 1) {
        const dividend = u(i, j) + u(i, k) + u(j, k)
        const place = ((1 << i) | (1 << j) | (1 << k)) * quantities + quantity
        up[place] = dividend
        down[place] = -dividend
      }
    }
  }
}

/** Fours among so many players. */
function fours(players: number): number {
  return (players * (players - 1) * (players - 2) * (players - 3)) / 24
}
