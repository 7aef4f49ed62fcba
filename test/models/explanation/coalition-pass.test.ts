import { expect, test } from 'vitest'
import { random } from '../../../data/index.ts'
import { coalitionPass } from '../../../models/explanation/coalition-pass.ts'
import { recurrentEnds } from '../../../models/explanation/recurrent-ends.ts'
import { loadEngine } from '../../../models/index.ts'

const { tf } = await loadEngine()
const source = random(7, 'pass')
const drawn = (length: number): Float32Array => Float32Array.from({ length }, () => source.normal())

test.each([1, 6, 8])(
  'every coalition of %i units is what the layers give when its groups alone are the row’s',
  units => {
    const [groups, parts, months] = [5, 7, 3]
    const groupOf = Int32Array.of(0, 4, 1, 3, 0, 2, 4)
    const kernel = { rows: parts, columns: units, values: drawn(parts * units) }
    const head = { rows: units, columns: months, values: drawn(units * months) }
    const [bias, baseline] = [drawn(units), drawn(parts)]
    baseline[3] = 0
    const stateOf = Int32Array.from({ length: 1 << groups }, (_, coalition) => coalition & 3)
    const states = drawn(4 * units)
    const pass = coalitionPass({ groups, kernel, bias, groupOf, baseline, stateOf, head })
    for (let state = 0; state < 4; state += 1) {
      pass.states.set(states.subarray(state * units, (state + 1) * units), state * pass.stride)
    }
    for (let row = 0; row < 3; row += 1) {
      const values = drawn(2 * parts)
      values[parts] = baseline[0]! // what is as at the baseline adds nothing
      const logits = pass.run(values, parts)
      for (let coalition = 0; coalition < 1 << groups; coalition += 1) {
        const wanted = new Float64Array(months)
        for (let unit = 0; unit < units; unit += 1) {
          let sum = bias[unit]! + states[stateOf[coalition]! * units + unit]!
          for (let part = 0; part < parts; part += 1) {
            const isIn = ((coalition >> groupOf[part]!) & 1) === 1
            sum += (isIn ? values[parts + part]! : baseline[part]!) * kernel.values[part * units + unit]!
          }
          for (let month = 0; month < months; month += 1) {
            wanted[month]! += Math.max(0, sum) * head.values[unit * months + month]!
          }
        }
        wanted.forEach((value, month) => {
          expect(logits[coalition * months + month]).toBeCloseTo(value, 4)
        })
      }
    }
  },
)

test('a recurrent layer ends in what TensorFlow.js’s own layer ends in', () => {
  const [steps, rows, quantities, units] = [5, 4, 3, 6]
  const months = drawn(steps * rows * quantities)
  const layer = tf.layers.gru({
    units,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    inputShape: [steps, quantities],
  })
  const model = tf.sequential({ layers: [layer] })
  layer.setWeights([
    tf.tensor2d(drawn(quantities * 3 * units), [quantities, 3 * units]),
    tf.tensor2d(drawn(units * 3 * units), [units, 3 * units]),
    tf.tensor1d(drawn(3 * units)),
  ])
  const byRow = tf.tensor3d(months, [steps, rows, quantities]).transpose([1, 0, 2])
  const wanted = (model.predict(byRow) as ReturnType<typeof tf.tensor>).dataSync()
  const ends = recurrentEnds(tf, layer.getWeights())
  const found = ends.of(months, steps)
  ends.dispose()
  expect(found).toHaveLength(rows * units)
  found.forEach((value, at) => {
    expect(value).toBeCloseTo(wanted[at]!, 5)
  })
})
