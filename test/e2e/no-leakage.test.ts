import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeSimulation } from '../../data/simulator/index.ts'
import { type TrainResult, trainModel } from '../../training/index.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-leakage-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function train(dataset: string, name: string): Promise<TrainResult> {
  return trainModel({ dataset, registry: join(root, 'models'), name, seed: 1, members: 2, command: 'test' })
}

/** A file of a saved version, as text. */
function saved({ model }: TrainResult, file: string): string {
  return readFileSync(join(model.folder, file), 'latin1')
}

test('whatever happens from the first test month on, encoding, weights and calibration stay the same to the bit', async () => {
  const [first, second] = [join(root, 'first'), join(root, 'second')]
  for (const folder of [first, second]) await writeSimulation(folder, { borrowers: 250, months: 28, seed: 4 })
  const trained = await train(first, 'first')
  const { test: judged, train: learned } = trained.model.manifest.data.parts

  // What every fifth borrower paid from the first test month on is cut to a tenth: the test part is another world.
  const file = join(second, 'payments.csv')
  const [header, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const columns = (header ?? '').split(',')
  const [paidOn, amount] = [columns.indexOf('paidOn'), columns.indexOf('amount')]
  let changed = 0
  const altered = rows.map(row => {
    const cells = row.split(',')
    if ((cells[paidOn] ?? '') < `${judged.firstMonth}-01` || !/[13]-\d+$/.test(cells[0] ?? '')) return row
    changed += 1
    cells[amount] = (Number(cells[amount]) / 10).toFixed(2)
    return cells.join(',')
  })
  writeFileSync(file, `${[header, ...altered].join('\n')}\n`)
  expect(changed).toBeGreaterThan(200)
  const other = await train(second, 'second')

  expect(saved(other, 'weights.bin')).toBe(saved(trained, 'weights.bin'))
  expect(saved(other, 'encoding.json')).toBe(saved(trained, 'encoding.json'))
  expect(other.model.manifest.calibration).toEqual(trained.model.manifest.calibration)
  expect(other.model.manifest.data.parts.train).toEqual(learned)
  // … and the test part did change.
  expect(other.evaluation.test['6']?.events).not.toBe(trained.evaluation.test['6']?.events)
})

test('same seed, same data: the same weights', async () => {
  const folder = join(root, 'again')
  await writeSimulation(folder, { borrowers: 250, months: 28, seed: 4 })
  const [one, two] = [await train(folder, 'one'), await train(folder, 'two')]
  expect(saved(two, 'weights.bin')).toBe(saved(one, 'weights.bin'))
  expect(two.evaluation).toEqual(one.evaluation)
})
