/** Matrices of typed arrays, and how larger ones are made of them. */

/** A matrix, row-major. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
}

/** Matrices of equal height beside each other. */
export function beside(matrices: readonly Matrix[]): Matrix {
  const rows = matrices[0]?.rows ?? 0
  const columns = matrices.reduce((sum, matrix) => sum + matrix.columns, 0)
  const values = new Float32Array(rows * columns)
  let offset = 0
  for (const matrix of matrices) {
    for (let row = 0; row < rows; row += 1) {
      const from = row * matrix.columns
      values.set(matrix.values.subarray(from, from + matrix.columns), row * columns + offset)
    }
    offset += matrix.columns
  }
  return { rows, columns, values }
}

/** Matrices of equal width below each other, all times a number. */
export function below(matrices: readonly Matrix[], times: number): Matrix {
  return {
    rows: matrices.reduce((sum, { rows }) => sum + rows, 0),
    columns: matrices[0]?.columns ?? 0,
    values: Float32Array.from(
      matrices.flatMap(({ values }) => [...values]),
      value => value * times,
    ),
  }
}

/** Matrices along the diagonal of a matrix that is 0 elsewhere. */
export function diagonal(matrices: readonly Matrix[]): Matrix {
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0)
  const columns = matrices.reduce((sum, matrix) => sum + matrix.columns, 0)
  const values = new Float32Array(rows * columns)
  let [row, column] = [0, 0]
  for (const matrix of matrices) {
    for (let own = 0; own < matrix.rows; own += 1, row += 1) {
      const from = own * matrix.columns
      values.set(matrix.values.subarray(from, from + matrix.columns), row * columns + column)
    }
    column += matrix.columns
  }
  return { rows, columns, values }
}

/** The transpose. */
export function turned({ rows, columns, values }: Matrix): Matrix {
  const turnedValues = new Float32Array(values.length)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turnedValues[column * rows + row] = values[row * columns + column] as number
    }
  }
  return { rows: columns, columns: rows, values: turnedValues }
}
