/** The bootstrap of rows that hang together: whole clusters are drawn with replacement. */

import type { Random } from '../data/index.ts'

/**
 * Prepares drawing clusters.
 *
 * @param cluster - Cluster of each row, such as its borrower, shape `[row]`.
 * @returns Draws as many clusters as there are and gives how often each row's was drawn, shape `[row]`: weights that are
 * valid until the next draw.
 * @see Field & Welsh (2007), Bootstrapping clustered data
 */
export function clusterDraws(cluster: ArrayLike<number>, source: Random): () => Float64Array {
  const numbers = new Map<number, number>()
  const numberOf = Int32Array.from(cluster, id => {
    const number = numbers.get(id) ?? numbers.size
    numbers.set(id, number)
    return number
  })
  const times = new Float64Array(numbers.size)
  const weights = new Float64Array(numberOf.length)
  return () => {
    times.fill(0)
    for (let draw = 0; draw < times.length; draw += 1) {
      const chosen = source.integer(times.length)
      times[chosen] = (times[chosen] as number) + 1
    }
    for (let row = 0; row < weights.length; row += 1) weights[row] = times[numberOf[row] as number] as number
    return weights
  }
}
