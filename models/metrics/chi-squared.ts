/** Quantiles of the χ² distribution, for limits that know how much chance alone does. */

/**
 * The value that a χ² variable stays below with a probability.
 *
 * @param probability - In (0, 1).
 * @param degreesOfFreedom - At least 1.
 * @see Press et al. (2007), Numerical Recipes, section 6.2, for the series of the incomplete gamma function
 */
export function chiSquaredQuantile(probability: number, degreesOfFreedom: number): number {
  let [low, high] = [0, degreesOfFreedom + 10]
  while (cumulative(high, degreesOfFreedom) < probability) high *= 2
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2
    if (cumulative(middle, degreesOfFreedom) < probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(k/2, x/2), the regularised lower incomplete gamma function, by its series. */
function cumulative(x: number, degreesOfFreedom: number): number {
  if (x <= 0) return 0
  const [a, z] = [degreesOfFreedom / 2, x / 2]
  let term = 1 / a
  let sum = term
  for (let n = 1; n < 10_000 && term > sum * 1e-16; n += 1) {
    term *= z / (a + n)
    sum += term
  }
  return sum * Math.exp(a * Math.log(z) - z - logGammaOfHalves(degreesOfFreedom))
}

/** ln Γ(k/2) for whole k ≥ 1, down to Γ(1) = 1 or Γ(1/2) = √π. */
function logGammaOfHalves(k: number): number {
  let sum = k % 2 === 0 ? 0 : Math.log(Math.PI) / 2
  for (let at = k / 2 - 1; at > 0; at -= 1) sum += Math.log(at)
  return sum
}
