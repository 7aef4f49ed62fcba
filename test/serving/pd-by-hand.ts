/** What the tiny model must answer, worked without it. */

/**
 * PD of the tiny model by hand. Days past due 10 → inputs (10 − 5) / 10 = 0.5 and −1 + 2 · 10 / 30 = −1/3;
 * hidden ReLU(0.5 · 1 − 1/3 · 0.5 + 0.1, 0.5 · −1 − 1/3 · 0.25 + 0.2) = (0.4333…, 0);
 * hazard logits 0.4333… − 2 and 0.4333… · 0.5 − 3.
 */
export function pdByHand(daysPastDue: number): [number, number] {
  const z = (daysPastDue - 5) / 10
  const normal = -1 + (2 * daysPastDue) / 30
  const first = Math.max(0, z * 1 + normal * 0.5 + 0.1)
  const second = Math.max(0, z * -1 + normal * 0.25 + 0.2)
  const hazards = [first * 1 + second * -0.25 - 2, first * 0.5 + second * 1 - 3].map(x => 1 / (1 + Math.exp(-x)))
  return [hazards[0]!, 1 - (1 - hazards[0]!) * (1 - hazards[1]!)]
}
