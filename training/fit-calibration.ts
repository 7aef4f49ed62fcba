/** Fits the calibration of hazard logits on later rows that no member learned from. */

import { type Calibration, sigmoid } from '../models/index.ts'

/** Standard deviations of the prior around slope 1 and intercept 0: few events change little, many decide. */
const priorDeviation = { slope: 0.2, intercept: 1 }

/** A slope below this would let calibration turn the order of risks upside down. */
const leastSlope = 0.2

/**
 * Fits one line per month of the performance window, by maximum a posteriori.
 *
 * Month k counts for a row if it was seen and no event came before it: the row is then at risk in it.
 *
 * @param logits - Row-major hazard logits, shape `[row, H]`.
 * @param observedMonths - 0…H, shape `[row]`.
 * @param eventMonth - 1…H or 0, shape `[row]`.
 * @see Platt (1999), Probabilistic Outputs for Support Vector Machines; here per discrete hazard, with a prior
 */
export function fitCalibration(
  logits: Float32Array,
  observedMonths: Uint8Array,
  eventMonth: Uint8Array,
  horizonMonths: number,
): Calibration {
  const slope: number[] = []
  const intercept: number[] = []
  for (let month = 1; month <= horizonMonths; month += 1) {
    const x: number[] = []
    const y: number[] = []
    observedMonths.forEach((observed, row) => {
      if (observed < month) return
      x.push(logits[row * horizonMonths + month - 1] as number)
      y.push(eventMonth[row] === month ? 1 : 0)
    })
    const line = fitLine(x, y)
    slope.push(line.slope)
    intercept.push(line.intercept)
  }
  return { slope, intercept }
}

/** Newton's method on the penalised log-likelihood of y given slope · x + intercept; concave, so it converges. */
function fitLine(x: readonly number[], y: readonly number[]): { slope: number; intercept: number } {
  let slope = 1
  let intercept = 0
  for (let step = 0; step < 50; step += 1) {
    let gradientSlope = -(slope - 1) / priorDeviation.slope ** 2
    let gradientIntercept = -intercept / priorDeviation.intercept ** 2
    let curveSlope = 1 / priorDeviation.slope ** 2
    let curveIntercept = 1 / priorDeviation.intercept ** 2
    let curveBoth = 0
    for (let row = 0; row < x.length; row += 1) {
      const at = x[row] as number
      const p = sigmoid(slope * at + intercept)
      const residual = (y[row] as number) - p
      const weight = p * (1 - p)
      gradientSlope += residual * at
      gradientIntercept += residual
      curveSlope += weight * at * at
      curveIntercept += weight
      curveBoth += weight * at
    }
    const determinant = curveSlope * curveIntercept - curveBoth * curveBoth
    const stepSlope = (curveIntercept * gradientSlope - curveBoth * gradientIntercept) / determinant
    const stepIntercept = (curveSlope * gradientIntercept - curveBoth * gradientSlope) / determinant
    slope += stepSlope
    intercept += stepIntercept
    if (Math.abs(stepSlope) + Math.abs(stepIntercept) < 1e-10) break
  }
  return { slope: Math.max(leastSlope, slope), intercept }
}
