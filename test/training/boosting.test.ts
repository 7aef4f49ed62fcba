import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import {
  assembleNetwork,
  type BoostedTrees,
  type FeatureEncoding,
  hazardLogits,
  loadEngine,
} from '../../models/index.ts'
import { binRows, chooseThresholds } from '../../training/boosting/bins.ts'
import { fitTrees, type TreesSettings } from '../../training/boosting/fit-trees.ts'
import { growTree, type TreeRows } from '../../training/boosting/grow-tree.ts'
import { type RowSample, sampleByGradient } from '../../training/boosting/sample-rows.ts'
import { treeInputs } from '../../training/boosting/tree-inputs.ts'
import { fitEnsemble } from '../../training/fit-ensemble.ts'
import type { TrainingRows } from '../../training/hazard-loss.ts'
import type { TrainedMember } from '../../training/trained-member.ts'
import { makeRoomForInputs } from '../../training/training-inputs.ts'

const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, at) => from + at)

const settings: TreesSettings = {
  candidates: Int32Array.of(0, 1, 2),
  depth: 3,
  learningRate: 0.1,
  treesAtMost: 120,
  patience: 30,
  rowShare: 0.7,
  rowsPerTree: 10_000,
  drawn: 'evenly',
  rowsAtMost: 100_000,
  candidateShare: 1,
  l2: 5,
  firstMonth: {
    depth: 2,
    learningRate: 0.1,
    treesAtMost: 120,
    patience: 30,
    rowShare: 0.5,
    rowsPerTree: 10_000,
    drawn: 'by-gradient',
    candidateShare: 1,
    l2: 5,
  },
}

test('thresholds lie between all values where there are few, between quantiles where there are many', () => {
  const few = chooseThresholds({ inputs: Float32Array.of(3, 1, 1, 2), width: 1 }, range(0, 4), Int32Array.of(0))
  expect([...few.thresholds[0]!]).toEqual([1.5, 2.5])
  const many = chooseThresholds(
    { inputs: Float32Array.from({ length: 6400 }, (_, at) => at), width: 1 },
    range(0, 6400),
    Int32Array.of(0),
  )
  const [thresholds] = many.thresholds
  expect(thresholds).toHaveLength(63)
  // one row in 64 to each bin, give or take one
  thresholds!.forEach((threshold, at) => {
    expect(Math.abs(threshold - 100 * (at + 1))).toBeLessThan(2)
  })
  const constant = chooseThresholds({ inputs: Float32Array.of(7, 7), width: 1 }, range(0, 2), Int32Array.of(0))
  expect(constant.inputs).toHaveLength(0)
})

test('a bin is the number of thresholds below the value, also between two neighbours of float32', () => {
  const [low, high] = [1, 1 + 2 ** -23]
  const data = { inputs: Float32Array.of(low, high, low), width: 1 }
  const binned = chooseThresholds(data, range(0, 3), Int32Array.of(0))
  expect([...binRows(binned, data, range(0, 3))]).toEqual([0, 1, 0])
})

/** Weights of months: all sums of second derivatives alike but for l2, their total as it was. */
function naiveWeights({ derivatives, outputs }: TreeRows, l2: number): number[] {
  const curves = Array.from({ length: outputs }, (_, output) =>
    derivatives.filter((_, at) => at % (2 * outputs) === 2 * output + 1).reduce((sum, one) => sum + one, 0),
  )
  const raw = curves.map(curve => 1 / (curve + l2))
  const total = (weights: readonly number[]): number =>
    curves.reduce((sum, curve, output) => sum + curve * weights[output]!, 0)
  return raw.map(weight => (weight * total(curves.map(() => 1))) / total(raw))
}

/** What a question gains by the second-order formula, all outputs together, one row at a time. */
function naiveGain(data: TreeRows, candidate: number, cut: number, leafOf: readonly number[], l2: number): number {
  const weights = data.outputs === 1 ? [1] : naiveWeights(data, l2)
  const sums = new Map<string, [number, number]>()
  data.sample.forEach((row, place) => {
    const isYes = data.bins[candidate * data.rows + row]! > cut
    for (let output = 0; output < data.outputs; output += 1) {
      const key = `${leafOf[place]}/${isYes}`
      const [gradient, curve] = sums.get(key) ?? [0, 0]
      const at = 2 * (place * data.outputs + output)
      const weight = weights[output]!
      sums.set(key, [gradient + weight * data.derivatives[at]!, curve + weight * data.derivatives[at + 1]!])
    }
  })
  return [...sums.values()].reduce((sum, [gradient, curve]) => sum + gradient ** 2 / (curve + l2), 0)
}

test('every question is the best of all, found by trying each on each row; leaves are Newton steps', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.constantFrom(1, 3), (seed, outputs) => {
      const source = random(seed, 'tree')
      const [rows, candidates, bins] = [60, 3, 4]
      const sample = range(0, rows).filter(() => source.uniform() < 0.8)
      const data: TreeRows = {
        bins: Uint8Array.from({ length: rows * candidates }, () => source.integer(bins)),
        rows,
        sample,
        derivatives: Float64Array.from({ length: sample.length * outputs * 2 }, (_, at) =>
          at % 2 === 0 ? source.normal() : 0.05 + source.uniform() * (1 + (at % (2 * outputs))),
        ),
        outputs,
      }
      const [depth, l2] = [3, 0.7]
      const tree = growTree(data, range(0, candidates), new Int32Array(candidates).fill(bins - 1), { depth, l2 })
      let leafOf = Array.from(sample, () => 0)
      for (let level = 0; level < depth; level += 1) {
        const found = naiveGain(data, tree.candidate[level]!, tree.bin[level]!, leafOf, l2)
        for (let candidate = 0; candidate < candidates; candidate += 1) {
          for (let cut = 0; cut < bins - 1; cut += 1) {
            expect(naiveGain(data, candidate, cut, leafOf, l2)).toBeLessThanOrEqual(found + 1e-9)
          }
        }
        leafOf = leafOf.map((leaf, place) => {
          const isYes = data.bins[tree.candidate[level]! * rows + sample[place]!]! > tree.bin[level]!
          return leaf + (isYes ? 2 ** level : 0)
        })
      }
      for (let leaf = 0; leaf < 2 ** depth; leaf += 1) {
        for (let output = 0; output < outputs; output += 1) {
          let [gradient, curve] = [0, 0]
          leafOf.forEach((own, place) => {
            if (own !== leaf) return
            gradient += data.derivatives[2 * (place * outputs + output)]!
            curve += data.derivatives[2 * (place * outputs + output) + 1]!
          })
          expect(tree.leaves[leaf * outputs + output]).toBeCloseTo(-gradient / (curve + l2), 9)
        }
      }
    }),
    { numRuns: 40 },
  )
})

const trueHazard = (x0: number, x1: number): number => 1 / (1 + Math.exp(2 - (x0 > 0 === x1 > 0 ? 2 : 0)))

/** Hazards that two inputs decide together and neither alone, a third that says nothing, and censoring. */
function rowsOf(count: number, seed: number): TrainingRows & { inputs: Float32Array } {
  const source = random(seed, 'rows')
  const inputs = Float32Array.from({ length: 3 * count }, () => source.normal())
  const [observedMonths, eventMonth] = [new Uint8Array(count), new Uint8Array(count)]
  for (let row = 0; row < count; row += 1) {
    const hazard = trueHazard(inputs[3 * row]!, inputs[3 * row + 1]!)
    const censored = 1 + source.integer(2)
    for (let month = 1; month <= censored && eventMonth[row] === 0; month += 1) {
      observedMonths[row] = month
      if (source.uniform() < hazard) eventMonth[row] = month
    }
  }
  return { inputs, width: 3, horizonMonths: 2, observedMonths, eventMonth }
}

test('boosting finds hazards that two inputs decide together', async () => {
  const { tf } = await loadEngine()
  const data = rowsOf(9000, 1)
  const validation = range(8000, 9000)
  const { member, validationLogits } = fitTrees(data, range(0, 8000), validation, settings, 1)
  let error = 0
  validation.forEach((row, place) => {
    const hazard = 1 / (1 + Math.exp(-validationLogits[2 * place]!))
    error += Math.abs(hazard - trueHazard(data.inputs[3 * row]!, data.inputs[3 * row + 1]!)) / 1000
  })
  expect(error).toBeLessThan(0.05) // guessing the mean hazard for everyone errs by about 0.19
  const network = assembleNetwork(tf, [member])
  hazardLogits(tf, network, data.inputs.subarray(3 * 8000), 1000).forEach((logit, at) => {
    expect(logit).toBeCloseTo(validationLogits[at]!, 4)
  })
  network.dispose()
})

/** Rows of which few have the event and many are early delinquent, both where the two inputs agree. */
function withFollowUp(count: number, seed: number) {
  const source = random(seed, 'follow-up')
  const rows = rowsOf(count, seed)
  const followUp = { followedMonths: new Uint8Array(count).fill(2), earlyDelinquency: new Uint32Array(count) }
  for (let row = 0; row < count; row += 1) {
    if (source.uniform() < 0.9) rows.eventMonth[row] = 0
    if (rows.eventMonth[row] === 0) rows.observedMonths[row] = 2
    const early = 2 * trueHazard(rows.inputs[3 * row]!, rows.inputs[3 * row + 1]!) - 0.2
    for (const bit of [1, 2]) if (source.uniform() < early) followUp.earlyDelinquency[row]! |= bit
  }
  return { ...rows, followUp }
}

test('early delinquency, learnt beside, makes hazards truer where events are few; it leaves no output behind', async () => {
  const { tf } = await loadEngine()
  const { followUp, ...alone } = withFollowUp(5000, 3)
  const [rows, validation] = [range(0, 3000), range(3000, 5000)]
  const boosted = (data: TrainingRows) => fitTrees(data, rows, validation, settings, 1)
  const [beside, without] = [boosted({ ...alone, followUp }), boosted(alone)]
  // a tenth of the events are left
  const errorOf = ({ validationLogits }: typeof without): number =>
    validation.reduce((sum, row, place) => {
      const hazard = 1 / (1 + Math.exp(-validationLogits[2 * place]!))
      return sum + Math.abs(hazard - 0.1 * trueHazard(alone.inputs[3 * row]!, alone.inputs[3 * row + 1]!)) / 2000
    }, 0)
  expect(errorOf(beside)).toBeLessThan(0.8 * errorOf(without))
  const network = assembleNetwork(tf, [beside.member])
  const logits = hazardLogits(tf, network, alone.inputs.subarray(3 * 3000), 2000)
  expect(logits).toHaveLength(2 * 2000)
  logits.forEach((logit, at) => {
    expect(logit).toBeCloseTo(beside.validationLogits[at]!, 4)
  })
  network.dispose()
})

test('inputs that say nothing: the logits are those of the hazards seen, as Kaplan and Meier count them', () => {
  const data = { ...rowsOf(3000, 2), inputs: new Float32Array(9000).fill(1) }
  const { validationLogits } = fitTrees(data, range(0, 2000), range(2000, 3000), settings, 1)
  for (const month of [1, 2]) {
    let [atRisk, events] = [0, 0]
    for (let row = 0; row < 2000; row += 1) {
      if (data.observedMonths[row]! >= month) atRisk += 1
      if (data.eventMonth[row] === month) events += 1
    }
    expect(1 / (1 + Math.exp(-validationLogits[month - 1]!))).toBeCloseTo(events / atRisk, 3)
  }
})

test('same seed, same trees; another seed, others; worker threads and inputs on disk change nothing', async () => {
  const data = rowsOf(1200, 4)
  const part = {
    rows: range(0, 1000),
    validation: range(1000, 1200),
    settings: { ...settings, treesAtMost: 30 },
    seed: 0,
  }
  const trained = (seed: number) => fitTrees(data, part.rows, part.validation, part.settings, seed)
  const first = trained(7)
  expect(trained(7)).toEqual(first)
  expect(trained(8)).not.toEqual(first)
  const [threaded] = await fitEnsemble(data, [part], 7)
  expect(threaded).toEqual(first)
  const disk = makeRoomForInputs(1200, data.width, 0)
  disk.put(data.inputs, 0)
  const [fromDisk] = await fitEnsemble({ ...data, inputs: disk.inputs }, [part], 7)
  disk.close()
  expect(fromDisk).toEqual(first)
})

/** The trees of a member that it has in the form of trees. */
function treesOf(trained: TrainedMember): BoostedTrees {
  if (!('splitInput' in trained.member)) throw new Error('trees were asked for')
  return trained.member
}

test('validation rows decide how many trees are kept, never what they are', () => {
  const data = rowsOf(1500, 5)
  const turned = {
    ...data,
    eventMonth: data.eventMonth.map((event, row) => (row >= 1000 ? (event > 0 ? 0 : 1) : event)),
  }
  const one = treesOf(fitTrees(data, range(0, 1000), range(1000, 1500), onlyForAll, 1))
  const other = treesOf(fitTrees(turned, range(0, 1000), range(1000, 1500), onlyForAll, 1))
  expect(one.splitInput.length).toBeGreaterThan(other.splitInput.length)
  expect([...one.splitInput.subarray(0, other.splitInput.length)]).toEqual([...other.splitInput])
  expect([...one.leaves.subarray(0, other.leaves.length)]).toEqual([...other.leaves])
})

/** What the validation rows say of the first month. */
function firstMonthLoss({ eventMonth }: TrainingRows, validation: Int32Array, logits: Float32Array): number {
  let sum = 0
  validation.forEach((row, place) => {
    const hazard = 1 / (1 + Math.exp(-logits[2 * place]!))
    sum -= Math.log(eventMonth[row] === 1 ? hazard : 1 - hazard)
  })
  return sum / validation.length
}

/** As above, but of the first month only what is in arrears is uncertain, which the third input tells, and by how much. */
function withArrears(count: number, seed: number): TrainingRows & { inputs: Float32Array } {
  const source = random(seed, 'arrears')
  const rows = rowsOf(count, seed)
  for (let row = 0; row < count; row += 1) {
    const arrears = rows.inputs[3 * row + 2]!
    const isDue = arrears > 1.3 && source.uniform() < (arrears > 1.6 ? 0.9 : 0.2)
    if (isDue || rows.eventMonth[row] === 1) rows.eventMonth[row] = isDue ? 1 : 0
    rows.observedMonths[row] = isDue ? 1 : 2
  }
  return rows
}

const onlyForAll: TreesSettings = { ...settings, firstMonth: { ...settings.firstMonth, treesAtMost: 0 } }

test('trees for the first month alone are kept where they tell more of it, in place of what the others say', async () => {
  const { tf } = await loadEngine()
  const data = withArrears(6000, 6)
  const [rows, validation] = [range(0, 4000), range(4000, 6000)]
  const [without, withThem] = [onlyForAll, settings].map(how => fitTrees(data, rows, validation, how, 1))
  const [loss, lossWithThem] = [without!, withThem!].map(one => firstMonthLoss(data, validation, one.validationLogits))
  expect(lossWithThem).toBeLessThan(loss!)
  const [all, both] = [treesOf(without!), treesOf(withThem!)]
  const shared = all.splitInput.length
  expect(both.splitInput.length).toBeGreaterThan(shared)
  expect([...both.splitInput.subarray(0, shared)]).toEqual([...all.splitInput])
  expect([...both.leaves.subarray(0, all.leaves.length)]).toEqual(
    [...all.leaves].map((leaf, at) => (at % 2 === 0 ? 0 : leaf)),
  )
  expect(both.leaves.subarray(all.leaves.length).every((leaf, at) => at % 2 === 0 || leaf === 0)).toBe(true)
  // two questions, and one whose answer is always no
  for (let at = shared; at < both.splitInput.length; at += 3) expect(both.threshold[at + 2]).toBeGreaterThan(1e6)
  const network = assembleNetwork(tf, [both])
  hazardLogits(tf, network, data.inputs.subarray(3 * 4000), 2000).forEach((logit, at) => {
    expect(logit).toBeCloseTo(withThem!.validationLogits[at]!, 4)
  })
  network.dispose()
})

test('where the later months tell more of the first, trees for it alone are dropped', () => {
  const data = rowsOf(1500, 7)
  const fitted = (how: TreesSettings) => fitTrees(data, range(0, 500), range(500, 1500), how, 1)
  const one = { ...settings, firstMonth: { ...settings.firstMonth, depth: 1 } } // which two inputs together can't be told by
  expect(fitted(one)).toEqual(fitted(onlyForAll))
})

test('rows drawn by gradient: as many as asked for, large ones for certain, and sums as of all rows in the mean', () => {
  const source = random(1, 'sizes')
  const sizes = Float64Array.from({ length: 400 }, (_, at) => (at % 4 === 0 ? 0 : source.uniform() ** 6))
  const [largest] = [...sizes.keys()].sort((one, other) => sizes[other]! - sizes[one]!)
  const draws = Array.from({ length: 2000 }, (_, seed) => sampleByGradient(sizes, 0.2, random(seed, 'draw')))
  const mean = (of: (draw: RowSample) => number): number =>
    draws.reduce((sum, draw) => sum + of(draw), 0) / draws.length
  expect(Math.abs(mean(({ places }) => places.length) - 80)).toBeLessThan(0.5) // the sum's standard error is below 0.1
  expect(draws.every(({ places, weights }) => weights[places.indexOf(largest!)] === 1)).toBe(true)
  expect(
    draws.every(({ places }) => places.every((place, at) => sizes[place]! > 0 && place > (places[at - 1] ?? -1))),
  ).toBe(true)
  for (const part of [0, 1]) {
    const sum = sizes.reduce((sum, size, place) => sum + (place % 2 === part ? size : 0), 0)
    const estimated = mean(({ places, weights }) =>
      places.reduce((sum, place, at) => sum + (place % 2 === part ? weights[at]! * sizes[place]! : 0), 0),
    )
    expect(estimated / sum).toBeCloseTo(1, 2)
  }
})

test('rows drawn by gradient: all that have anything to teach where fewer have than are asked for', () => {
  const { places, weights } = sampleByGradient(Float64Array.of(0, 0.2, 0, 1e-9), 0.9, random(1, 'draw'))
  expect([...places]).toEqual([1, 3])
  expect([...weights]).toEqual([1, 1])
})

test('trees may ask about ranks, indicators and levels, not about the standardised twins of ranks', () => {
  const number = { mean: 0, deviation: 1, knots: [0], normals: [0] }
  const features: FeatureEncoding[] = [
    { kind: 'number', ...number, name: 'a', missing: false },
    { kind: 'number', ...number, name: 'b', missing: true },
    { kind: 'category', name: 'c', levels: ['x'] },
  ]
  expect([...treeInputs({ features })]).toEqual([1, 3, 4, 5, 6, 7])
})
