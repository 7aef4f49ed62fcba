import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { assembleNetwork, exactContributions, identityCalibration, loadEngine } from '../../../models/index.ts'

const numbers = z.array(z.number())
const caseSchema = z.object({
  layers: z.array(z.object({ kernel: numbers, bias: numbers })),
  baseline: numbers,
  rows: z.array(numbers),
  baselineLogit: z.number(),
  values: z.array(numbers),
})
const reference = z
  .object({ scorecard: caseSchema, network: caseSchema })
  .parse(JSON.parse(readFileSync(new URL('shap-reference.json', import.meta.url), 'utf8')))

test.each(['scorecard', 'network'] as const)(
  'contributions to the log-odds of a %s are those of the library shap',
  async name => {
    const { layers, baseline, rows, baselineLogit, values } = reference[name]
    const { tf } = await loadEngine()
    const network = assembleNetwork(tf, [
      layers.map(({ kernel, bias }) => ({
        inputs: kernel.length / bias.length,
        outputs: bias.length,
        kernel: Float32Array.from(kernel),
        bias: Float32Array.from(bias),
      })),
    ])
    const exact = exactContributions(
      { tf, network, calibration: identityCalibration(1), baseline },
      baseline.map((_, input) => input), // a group for each input
      Float32Array.from(rows.flat()),
      rows.length,
    )
    network.dispose()
    expect(exact.baselineLogit).toBeCloseTo(baselineLogit, 5)
    expect(exact.contributions).toHaveLength(values.flat().length)
    values.flat().forEach((value, place) => {
      expect(exact.contributions[place]).toBeCloseTo(value, 5)
    })
    expect(Math.max(...values.flat().map(Math.abs))).toBeGreaterThan(0.1)
  },
)
