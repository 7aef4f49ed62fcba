/** Perceptrons with random weights, and the network written down naively. */

import { random } from '../../../data/index.ts'
import { type Calibration, cumulativePd, type Member } from '../../../models/index.ts'

/** A member of the given widths, inputs first. */
export function randomMember(widths: readonly number[], seed: number): Member {
  const source = random(seed, 'member')
  return widths.slice(1).map((outputs, index) => {
    const inputs = widths[index]!
    return {
      inputs,
      outputs,
      kernel: Float32Array.from({ length: inputs * outputs }, () => source.normal() / Math.sqrt(inputs)),
      bias: Float32Array.from({ length: outputs }, () => 0.3 * source.normal() - 1),
    }
  })
}

/** A member whose first-layer units see one group of inputs each, with weights twice as large there. */
export function groupedMember(widths: readonly number[], groups: readonly number[], seed: number): Member {
  const [first, ...above] = randomMember(widths, seed)
  const { kernel, outputs } = first!
  const count = 1 + Math.max(...groups)
  const apart = kernel.map((weight, at) => {
    return groups[Math.floor(at / outputs)] === (at % outputs) % count ? 2 * weight : 0
  })
  return [{ ...first!, kernel: apart }, ...above]
}

/** Mean hazard logits of members at one row of inputs, in double precision. */
export function naiveLogits(members: readonly Member[], inputs: ArrayLike<number>): number[] {
  const each = members.map(member =>
    member.reduce<number[]>((below, layer, depth) => {
      const active = depth === 0 ? below : below.map(value => Math.max(0, value))
      return Array.from({ length: layer.outputs }, (_, output) =>
        active.reduce(
          (sum, value, input) => sum + value * layer.kernel[input * layer.outputs + output]!,
          layer.bias[output]!,
        ),
      )
    }, Array.from(inputs)),
  )
  return each[0]!.map((_, month) => each.reduce((sum, values) => sum + values[month]!, 0) / each.length)
}

/** logit PD(H) of hazard logits of months 1…H. */
export function naiveLogitOfPd(calibration: Calibration, hazards: readonly number[]): number {
  const pd = cumulativePd(calibration, hazards, 1).at(-1)![0]!
  return Math.log(pd / (1 - pd))
}
