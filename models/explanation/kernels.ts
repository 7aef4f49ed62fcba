/** Kernels of perceptrons as matrices. */

import { beside, type Matrix } from '../matrix.ts'
import type { DenseLayer, Member } from '../network.ts'

/** A layer's kernel. */
export function kernelOf({ inputs, outputs, kernel }: DenseLayer): Matrix {
  return { rows: inputs, columns: outputs, values: kernel }
}

/** The first layers of all members beside each other: what two ways of explaining share is one product with them. */
export function firstKernels(members: readonly Member[]): Matrix {
  return beside(members.map(member => kernelOf(member[0] as DenseLayer)))
}
