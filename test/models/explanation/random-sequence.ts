import { random } from '../../../data/index.ts'
import type { SequenceMember } from '../../../models/index.ts'

/** A sequence member with drawn weights: eight inputs, two hazards, four months of inputs 0 to 3, pieces of 5 and 6. */
export function randomSequence(seed: number): SequenceMember {
  const source = random(seed, 'sequence member')
  const weights = (length: number): Float32Array => Float32Array.from({ length }, () => 0.5 * source.normal())
  return {
    layout: {
      inputs: 8,
      steps: 4,
      quantities: 1,
      places: Int32Array.of(0, 1, 2, 3),
      source: Int32Array.of(5, 6),
      scale: Float32Array.of(1, 0.5),
      offset: Float32Array.of(0, 0.2),
    },
    units: 3,
    width: 4,
    kernel: weights(9),
    recurrentKernel: weights(27),
    recurrentBias: weights(9),
    hidden: weights(5 * 4),
    hiddenBias: weights(4),
    head: weights(8),
    headBias: weights(2),
  }
}
