import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import { loadEngine } from '../../models/index.ts'
import type { fitEnsemble } from '../../training/fit-ensemble.ts'
import { fitMember } from '../../training/fit-member.ts'
import type { TrainingRows } from '../../training/hazard-loss.ts'
import { defaultHyperparameters } from '../../training/profiles.ts'
import type { Split } from '../../training/splits.ts'
import { drawTrial, readSearchSpace, type SearchSpace } from '../../training/tuning/search-space.ts'
import { openTrialLog } from '../../training/tuning/trial-log.ts'
import { trialsTable } from '../../training/tuning/trials-table.ts'
import { tune } from '../../training/tuning/tune.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-tuning-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const space: SearchSpace = {
  hidden: [[4], [8]],
  dropout: [0, 0.2],
  learningRateFactor: [1, 20],
  weightDecay: [0.01, 0.1],
}

const count = 400

function rowsOf(seed: number): { rows: TrainingRows; split: Split } {
  const source = random(seed, 'tuning rows')
  const inputs = Float32Array.from({ length: 2 * count }, () => source.normal())
  const eventMonth = Uint8Array.from({ length: count }, (_, row) =>
    source.chance(inputs[2 * row]! > 0 ? 0.6 : 0.2) ? 1 : 0,
  )
  const train = Int32Array.from({ length: count }, (_, row) => row)
  return {
    rows: { inputs, width: 2, horizonMonths: 1, observedMonths: new Uint8Array(count).fill(1), eventMonth },
    split: {
      train,
      test: new Int32Array(),
      late: train,
      tenth: Uint8Array.from(train, row => row % 10),
      unseen: new Uint8Array(count),
      months: null,
    },
  }
}

/** Trains in this thread: a worker takes longer to start than these trials take. */
const inThread: typeof fitEnsemble = async (data, parts, seed) => {
  const engine = await loadEngine()
  return parts.map(({ rows, validation, settings }) => {
    if (!('shape' in settings)) throw new Error('tuning trains perceptrons')
    return fitMember(engine, data, rows, validation, settings, seed)
  })
}

test('trials are drawn inside the declared space, the defaults first, and the same for the same seed', () => {
  expect(drawTrial(space, 1, 0)).toEqual(defaultHyperparameters)
  const drawn = Array.from({ length: 200 }, (_, trial) => drawTrial(space, 1, trial + 1))
  for (const { hidden, dropout, learningRateFactor, weightDecay } of drawn) {
    expect(space.hidden).toContainEqual(hidden)
    expect(dropout >= 0 && dropout <= 0.2).toBe(true)
    expect(learningRateFactor >= 1 && learningRateFactor <= 20).toBe(true)
    expect(weightDecay >= 0.01 && weightDecay <= 0.1).toBe(true)
  }
  expect(new Set(drawn.map(({ dropout }) => dropout)).size).toBe(200)
  expect(drawTrial(space, 1, 5)).toEqual(drawn[4])
  expect(drawTrial(space, 2, 5)).not.toEqual(drawn[4])
})

test('a third of the trials goes on from each round; the chosen one is the best of those that trained longest', async () => {
  const { rows, split } = rowsOf(1)
  const file = join(root, 'halving.jsonl')
  const options = { space, trials: 6, seconds: 1000, seed: 1, fit: inThread }
  const first = await tune(rows, split, { ...options, log: openTrialLog(file) })
  const states = first.trials.map(({ state }) => state)
  expect(states[0]).toBe('chosen')
  expect(first.trials.filter(({ state }) => state === 'dropped').length).toBeGreaterThanOrEqual(4)
  const longest = Math.max(...first.trials.map(({ epochs }) => epochs))
  const finished = first.trials.filter(({ epochs }) => epochs === longest)
  expect(first.chosen).toEqual(finished.reduce((a, b) => (a.loss! <= b.loss! ? a : b)).hyperparameters)
  expect(trialsTable(first)).toContain('chosen')

  // Resumed: all results are known, so no trial is trained again and the log stays as it is.
  const lines = readFileSync(file, 'utf8')
  expect(await tune(rows, split, { ...options, log: openTrialLog(file) })).toEqual(first)
  expect(readFileSync(file, 'utf8')).toBe(lines)
})

test('when the time is up only the defaults are judged', async () => {
  const { rows, split } = rowsOf(2)
  const log = openTrialLog(join(root, 'budget.jsonl'))
  const { chosen, trials } = await tune(rows, split, { space, trials: 4, seconds: -1, seed: 1, log, fit: inThread })
  expect(chosen).toEqual(defaultHyperparameters)
  expect(trials.filter(({ state }) => state === 'not-run')).toHaveLength(3)
})

test('a line that was cut off is run again, and does not spoil the next', () => {
  const file = join(root, 'cut.jsonl')
  openTrialLog(file).add({ trial: 1, epochs: 2, loss: 0.5, seconds: 1 })
  appendFileSync(file, '{"trial":2,"epo')
  const log = openTrialLog(file)
  expect(log.find(1, 2)).toEqual({ trial: 1, epochs: 2, loss: 0.5, seconds: 1 })
  expect(log.find(2, 2)).toBeUndefined()
  log.add({ trial: 2, epochs: 2, loss: 0.4, seconds: 1 })
  expect(openTrialLog(file).find(2, 2)?.loss).toBe(0.4)
})

test('a search space that makes no sense is refused with its field', () => {
  const file = join(root, 'space.json')
  writeFileSync(file, JSON.stringify({ ...space, dropout: [0.5, 0.1] }))
  expect(() => readSearchSpace(file)).toThrow('dropout')
  writeFileSync(file, JSON.stringify({ ...space, units: 3 }))
  expect(() => readSearchSpace(file)).toThrow('units')
  writeFileSync(file, '{')
  expect(() => readSearchSpace(file)).toThrow('JSON')
})
