/** The door of the kernels: the meaning of every kind of expression, complete by type. */

import type { ExpressionOf, Kind, NumericExpression } from '../expression.ts'
import { accountKernels } from './account-kernels.ts'
import type { Kernels, Run } from './kernel.ts'
import { rowKernels } from './row-kernels.ts'
import { streakKernels } from './streak-kernels.ts'
import { windowKernels } from './window-kernels.ts'

export type { Calendar, Chunk, Meetings, Run } from './kernel.ts'
export { reserveBuffers } from './vectors.ts'

const kernels: Kernels<Kind> = { ...rowKernels, ...windowKernels, ...streakKernels, ...accountKernels }

/** The expressions whose values an expression is computed from, in order. */
export function inputsOf<K extends Kind>(node: ExpressionOf<K>): readonly NumericExpression[] {
  return kernels[node.kind].inputs(node)
}

/** The computation of an expression. */
export function prepareKernel<K extends Kind>(node: ExpressionOf<K>): Run {
  return kernels[node.kind].prepare(node)
}
