/** Logistic regression with weights, by Newton's method: what a scorecard's coefficients are fitted by. */

import { sigmoid } from '../../models/index.ts'

/** A fitted regression. */
export interface LogisticFit {
  readonly intercept: number
  /** Shape `[column]`. */
  readonly coefficients: Float64Array
  /** Standard errors of the coefficients, from the inverse of the curvature; shape `[column]`. */
  readonly standardErrors: Float64Array
  /** What the fit leaves over of each row, positives less their expectation, and the curvature of each row there. */
  readonly residuals: (columns: readonly ArrayLike<number>[]) => {
    readonly raw: Float64Array
    readonly bend: Float64Array
  }
}

/** Ridge on the coefficients (not the intercept): keeps collinear columns from running away. */
const ridge = 1e-3

/**
 * Fits ln(p / (1 − p)) = intercept + Σ coefficient · x by penalised maximum likelihood.
 *
 * @param columns - `[column][row]`.
 * @param positives - Weight with which a row counts as positive; shape `[row]`.
 * @param negatives - Weight with which a row counts as negative; shape `[row]`.
 * @param start - A fit of the first columns, to begin from.
 * @see McCullagh & Nelder (1989), Generalized Linear Models, section 4.4
 */
export function logisticRegression(
  columns: readonly ArrayLike<number>[],
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
  start?: Pick<LogisticFit, 'intercept' | 'coefficients'>,
): LogisticFit {
  const size = columns.length + 1
  const design = rowMajor(columns, positives.length)
  const beta = new Float64Array(size)
  if (start !== undefined) beta.set([start.intercept, ...start.coefficients])
  let inverse: Float64Array[] = []
  for (let step = 0; step < 40; step += 1) {
    const { gradient, curvature } = derivatives(design, beta, positives, negatives)
    inverse = invert(curvature)
    let moved = 0
    for (let i = 0; i < size; i += 1) {
      let change = 0
      for (let j = 0; j < size; j += 1) change += (inverse[i]?.[j] as number) * (gradient[j] as number)
      change = Math.max(-5, Math.min(5, change))
      beta[i] = (beta[i] as number) + change
      moved += Math.abs(change)
    }
    if (moved < 1e-8) break
  }
  return {
    intercept: beta[0] as number,
    coefficients: beta.slice(1),
    standardErrors: Float64Array.from({ length: size - 1 }, (_, index) =>
      Math.sqrt(Math.max(0, inverse[index + 1]?.[index + 1] ?? 0)),
    ),
    residuals: given => {
      const raw = new Float64Array(positives.length)
      const bend = new Float64Array(positives.length)
      for (let row = 0; row < raw.length; row += 1) {
        let eta = beta[0] as number
        given.forEach((column, index) => {
          eta += (beta[index + 1] as number) * (column[row] as number)
        })
        const p = sigmoid(eta)
        const weight = (positives[row] as number) + (negatives[row] as number)
        raw[row] = (positives[row] as number) - weight * p
        bend[row] = weight * p * (1 - p)
      }
      return { raw, bend }
    },
  }
}

/** Ones, then the columns; shape `[row, 1 + column]`. */
function rowMajor(columns: readonly ArrayLike<number>[], rows: number): Float64Array {
  const size = columns.length + 1
  const design = new Float64Array(rows * size)
  for (let row = 0; row < rows; row += 1) design[row * size] = 1
  columns.forEach((column, index) => {
    for (let row = 0; row < rows; row += 1) design[row * size + index + 1] = column[row] as number
  })
  return design
}

/** Gradient and curvature (lower triangle) of the penalised log-likelihood. */
function derivatives(
  design: Float64Array,
  beta: Float64Array,
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
): { gradient: Float64Array; curvature: Float64Array[] } {
  const size = beta.length
  const gradient = new Float64Array(size)
  const flat = new Float64Array(size * size)
  for (let row = 0, at = 0; row < positives.length; row += 1, at += size) {
    let eta = 0
    for (let column = 0; column < size; column += 1) eta += (beta[column] as number) * (design[at + column] as number)
    const p = sigmoid(eta)
    const weight = (positives[row] as number) + (negatives[row] as number)
    const residual = (positives[row] as number) - weight * p
    const bend = weight * p * (1 - p)
    for (let i = 0; i < size; i += 1) {
      const x = design[at + i] as number
      gradient[i] = (gradient[i] as number) + residual * x
      if (x === 0) continue
      const scaled = bend * x
      const line = i * size
      for (let j = 0; j <= i; j += 1) flat[line + j] = (flat[line + j] as number) + scaled * (design[at + j] as number)
    }
  }
  for (let i = 1; i < size; i += 1) {
    gradient[i] = (gradient[i] as number) - ridge * (beta[i] as number)
    flat[i * size + i] = (flat[i * size + i] as number) + ridge
  }
  return { gradient, curvature: Array.from({ length: size }, (_, i) => flat.subarray(i * size, (i + 1) * size)) }
}

/** Inverse of a symmetric positive definite matrix given by its lower triangle, by Cholesky's decomposition. */
function invert(lower: readonly Float64Array[]): Float64Array[] {
  const size = lower.length
  const at = (matrix: readonly Float64Array[], i: number, j: number): number => matrix[i]?.[j] as number
  const l = Array.from({ length: size }, () => new Float64Array(size))
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = at(lower, i, j)
      for (let k = 0; k < j; k += 1) sum -= at(l, i, k) * at(l, j, k)
      ;(l[i] as Float64Array)[j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(l, j, j)
    }
  }
  const inverse = Array.from({ length: size }, () => new Float64Array(size))
  for (let column = 0; column < size; column += 1) {
    const y = new Float64Array(size)
    for (let i = 0; i < size; i += 1) {
      let sum = i === column ? 1 : 0
      for (let k = 0; k < i; k += 1) sum -= at(l, i, k) * (y[k] as number)
      y[i] = sum / at(l, i, i)
    }
    for (let i = size - 1; i >= 0; i -= 1) {
      let sum = y[i] as number
      for (let k = i + 1; k < size; k += 1) sum -= at(l, k, i) * at(inverse, k, column)
      ;(inverse[i] as Float64Array)[column] = sum / at(l, i, i)
    }
  }
  return inverse
}
