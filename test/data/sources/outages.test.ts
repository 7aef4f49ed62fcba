import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSimulation } from '../../../data/simulator/index.ts'
import { openDataset } from '../../../data/sources/index.ts'

async function openSimulated(outages: boolean) {
  const folder = join(mkdtempSync(join(tmpdir(), 'outages-')), 'portfolio')
  await writeSimulation(folder, { borrowers: 700, months: 12, seed: 3, outages })
  return openDataset(folder)
}

test('a data set whose payments say banks has its outages found, and outcomes without what they caused', async () => {
  const dataset = await openSimulated(true)
  try {
    const outages = await dataset.outages()
    expect(outages.length).toBeGreaterThan(0)
    for (const { bank, hours, failures, expected } of outages) {
      expect(bank).toMatch(/Bank$/)
      expect(hours).not.toBe(null)
      expect(failures).toBeGreaterThan(2 * expected)
    }
    let [less, more] = [0, 0]
    for await (const { outcome } of dataset.blocks()) {
      outcome.worstDaysPastDue.forEach((worst, row) => {
        const own = outcome.worstOwnDaysPastDue[row] as number
        if (own < worst) less += 1
        if (own > worst) more += 1
      })
    }
    expect(less).toBeGreaterThan(5)
    expect(more).toBe(0)
  } finally {
    dataset.close()
  }
})

test('payments without banks show no outages', async () => {
  const dataset = await openSimulated(false)
  try {
    expect(await dataset.outages()).toEqual([])
  } finally {
    dataset.close()
  }
})
