/** One network on one engine, in a process of its own so that its peak memory is its own; prints one line of JSON. */

import { random } from '../../../data/index.ts'
import { assembleNetwork, hazardLogits, loadEngine, type SequenceLayout } from '../../../models/index.ts'
import { fitTrees } from '../../../training/boosting/fit-trees.ts'
import { fitMember, type MemberSettings } from '../../../training/fit-member.ts'
import type { TrainingRows } from '../../../training/hazard-loss.ts'
import { boosting } from '../../../training/profiles.ts'

/** Inputs of the network of published comparisons: 101 numbers, standardised and rank-normal. */
const width = 202

/** Six months of 13 quantities; 101 numbers in six pieces each. */
const layout: SequenceLayout = {
  inputs: width,
  steps: 6,
  quantities: 13,
  places: Int32Array.from({ length: 78 }, (_, place) => place),
  source: Int32Array.from({ length: 606 }, (_, piece) => 2 * Math.floor(piece / 6) + 1),
  scale: new Float32Array(606).fill(1.5),
  offset: Float32Array.from({ length: 606 }, (_, piece) => 2 - (piece % 6)),
}

const [kind = 'perceptron', count = '4096'] = process.argv.slice(2)
const shape: MemberSettings['shape'] =
  kind === 'sequence'
    ? { kind: 'sequence', layout, units: 32, width: 256 }
    : {
        kind: 'perceptron',
        hidden: [256, 64],
        inputGroups: Uint8Array.from({ length: width }, (_, input) => input % 8),
      }
const settings: MemberSettings = {
  shape,
  dropout: 0.2,
  learningRate: 1e-3,
  weightDecay: 0.05,
  batchRows: 256,
  epochsAtMost: 2,
  patience: 2,
}
const rows = Number(count)
const source = random(1, 'speed')
const data: TrainingRows & { inputs: Float32Array } = {
  inputs: Float32Array.from({ length: rows * width }, () => source.normal()),
  width,
  horizonMonths: 1,
  observedMonths: new Uint8Array(rows).fill(1),
  eventMonth: Uint8Array.from({ length: rows }, () => (source.chance(0.2) ? 1 : 0)),
}
const engine = await loadEngine()
const learned = Int32Array.from({ length: rows - 256 }, (_, row) => row)
const validation = Int32Array.from({ length: 256 }, (_, row) => rows - 256 + row)
const trees = { ...boosting(rows), candidates: Int32Array.from({ length: width / 2 }, (_, place) => 2 * place) }
const train = (learn: Int32Array, epochsAtMost: number) =>
  kind === 'trees'
    ? fitTrees(data, learn, validation, { ...trees, treesAtMost: 25 * epochsAtMost }, 1)
    : fitMember(engine, data, learn, validation, { ...settings, epochsAtMost }, 1)
train(learned.subarray(0, 256), 1) // warm
const started = performance.now()
const { member, curve } = train(learned, 2)
const trained = performance.now()
const network = assembleNetwork(engine.tf, [member])
hazardLogits(engine.tf, network, data.inputs, Math.min(rows, 256)) // warm
const before = performance.now()
hazardLogits(engine.tf, network, data.inputs, rows)
const scored = performance.now()
const singles = 50
for (let row = 0; row < singles; row += 1) {
  hazardLogits(engine.tf, network, data.inputs.subarray(row * width, (row + 1) * width), 1)
}
const ended = performance.now()
console.log(
  JSON.stringify({
    engine: engine.name,
    network: kind,
    trainingRowsPerSecond: Math.round((curve.length * learned.length * 1000) / (trained - started)),
    scoredRowsPerSecond: Math.round((rows * 1000) / (scored - before)),
    oneRowMs: (ended - scored) / singles,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
)
