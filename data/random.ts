/** Seeded random numbers in named streams, so that adding a draw in one place changes no other. */

/** A deterministic stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** Uniform integer in [0, count). */
  integer(count: number): number
  /** True with probability `probability`. */
  chance(probability: number): boolean
}

/**
 * Opens the stream that belongs to a seed and a name.
 *
 * @param seed - Any integer.
 * @param names - The stream's path, such as `'borrower', 17, 'payments'`.
 * @see sfc32 of PractRand (Doty-Humphrey), seeded by FNV-1a over seed and names
 */
export function random(seed: number, ...names: readonly (string | number)[]): Random {
  let hash = 0x811c9dc5
  for (const character of `${seed}/${names.join('/')}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  let a = hash | 0
  let b = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 0
  let c = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) | 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round += 1) next()

  const uniform = (): number => next() / 4_294_967_296
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer: count => Math.floor(uniform() * count),
    chance: probability => uniform() < probability,
  }
}

/** Shuffles in place (Fisher–Yates) and returns the same array. */
export function shuffle<Items extends { length: number; [index: number]: number }>(
  items: Items,
  source: Random,
): Items {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = source.integer(last + 1)
    const kept = items[last] as number
    items[last] = items[other] as number
    items[other] = kept
  }
  return items
}

/**
 * A number in [0, 1) that belongs to a text for good, for stable random assignment such as hold-out borrowers.
 *
 * @see FNV-1a, finished by the mixer of MurmurHash3
 */
export function stableFraction(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296
}
