import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import { type Calibration, createExplainer, cumulativePd, type Member } from '../../models/index.ts'

function randomMember(widths: readonly number[], seed: number): Member {
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

/** The network written down naively, in double precision. */
function logits(members: readonly Member[], inputs: readonly number[]): number[] {
  const each = members.map(member =>
    member.reduce<number[]>(
      (below, layer, depth) => {
        const active = depth === 0 ? below : below.map(value => Math.max(0, value))
        return Array.from({ length: layer.outputs }, (_, output) =>
          active.reduce(
            (sum, value, input) => sum + value * layer.kernel[input * layer.outputs + output]!,
            layer.bias[output]!,
          ),
        )
      },
      [...inputs],
    ),
  )
  return each[0]!.map((_, month) => each.reduce((sum, values) => sum + values[month]!, 0) / each.length)
}

function logitOfPd(calibration: Calibration, hazards: readonly number[]): number {
  const pd = cumulativePd(calibration, hazards, 1).at(-1)![0]!
  return Math.log(pd / (1 - pd))
}

const calibration: Calibration = { slope: [1.1, 0.9, 1], intercept: [0.1, -0.2, 0] }

test('contributions sum to the distance of logit PD(H) from the baseline’s', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 5, maxLength: 5 }),
      (seed, inputs) => {
        const members = [randomMember([5, 8, 7, 3], seed), randomMember([5, 8, 7, 3], seed + 5000)]
        const baseline = [0.1, -0.2, 0.3, 0, 0.05]
        const { contributions, logit, baselineLogit } = createExplainer(members, calibration, baseline)(inputs)
        expect(logit).toBeCloseTo(logitOfPd(calibration, logits(members, inputs)), 9)
        expect(baselineLogit).toBeCloseTo(logitOfPd(calibration, logits(members, baseline)), 9)
        expect(contributions.reduce((sum, value) => sum + value, 0)).toBeCloseTo(logit - baselineLogit, 7)
      },
    ),
    { numRuns: 200 },
  )
})

test('one linear hazard has the closed form: weight times distance from the baseline, times the calibration’s slope', () => {
  const member: Member = [{ inputs: 3, outputs: 1, kernel: Float32Array.of(0.5, -2, 0), bias: Float32Array.of(-1) }]
  const explain = createExplainer([member], { slope: [1.5], intercept: [0.2] }, [1, 1, 1])
  const { contributions } = explain([3, 0, 9])
  expect([...contributions].map(value => Math.round(value * 1e9) / 1e9)).toEqual([1.5 * 0.5 * 2, 1.5 * -2 * -1, 0])
})

test('an input at its baseline contributes nothing', () => {
  const members = [randomMember([4, 6, 2], 3)]
  const { contributions } = createExplainer(members, { slope: [1, 1], intercept: [0, 0] }, [1, 2, 3, 4])([1, 5, 3, -4])
  expect(contributions[0]).toBe(0)
  expect(contributions[2]).toBe(0)
  expect(Math.abs(contributions[1]!)).toBeGreaterThan(0)
})

test('by hand: with one ReLU unit the rescale rule shares out what the unit passed on', () => {
  // Unit: relu(x1 + x2 − 1), output 2·unit. Baseline (0, 0): unit 0. Row (1, 2): unit 2, change of its input 3.
  const member: Member = [
    { inputs: 2, outputs: 1, kernel: Float32Array.of(1, 1), bias: Float32Array.of(-1) },
    { inputs: 1, outputs: 1, kernel: Float32Array.of(2), bias: Float32Array.of(0) },
  ]
  const { contributions } = createExplainer([member], { slope: [1], intercept: [0] }, [0, 0])([1, 2])
  // Multiplier 2 / 3 per unit of input, times 2: x1 gets 4/3 · 1, x2 4/3 · 2; together 4, the change of the logit.
  expect(contributions[0]).toBeCloseTo(4 / 3, 9)
  expect(contributions[1]).toBeCloseTo(8 / 3, 9)
})
