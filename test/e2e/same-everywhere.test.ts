import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatDay, monthEnd, toMonth } from '../../data/index.ts'
import { simulateBorrowers, simulateEconomy, writeSimulation } from '../../data/simulator/index.ts'
import { openDataset } from '../../data/sources/index.ts'
import { evaluate, loadModel, type Model, type Scores } from '../../models/index.ts'
import { createApp, createMetrics, directScorer, letAnybodyIn, scoreResponseSchema } from '../../serving/index.ts'
import { frameKeys, loadFeatureFrame, scorePortfolio } from '../../training/index.ts'
import { fixedHost } from '../serving/fixed-host.ts'
import { memoryLog, noDatabase } from '../serving/memory-log.ts'
import { makeSmallModel, type SmallModel } from './small-model.ts'

let small: SmallModel
let model: Model
beforeAll(async () => {
  small = await makeSmallModel()
  model = await loadModel(small.result.model.folder)
})
afterAll(() => small.remove())

/** Values of every feature for an account, in the order of the model's features. */
function row(scores: Scores, index: number): (number | string | null)[] {
  return scores.features.columns.map(({ values }) => values[index] ?? null)
}

test('for 5,000 borrowers features and PD are the same from the trainer’s files and over HTTP', async () => {
  // From files: every account of the population at the last month.
  const many = { borrowers: 5000, months: 12, seed: 11 }
  const folder = join(small.root, 'many')
  await writeSimulation(folder, many)
  const dataset = await openDataset(folder)
  const fromFiles = new Map<string, readonly number[]>()
  for await (const { accountId, pd } of scorePortfolio(dataset, model)) fromFiles.set(accountId, pd)
  const filed = new Map<string, (number | string | null)[]>()
  for await (const { history } of dataset.blocks()) {
    const rows = Int32Array.from(history.accountIds, (_, account) => history.accountStart[account + 1]! - 1)
    const { columns } = evaluate(model.features, history, rows)
    history.accountIds.forEach((accountId, account) => {
      filed.set(
        accountId,
        columns.map(({ values }) => values[account] ?? null),
      )
    })
  }
  dataset.close()

  // Over HTTP: the same borrowers' ledgers, as the lending system would post them.
  const seen: Scores[] = []
  const watched: Model = {
    ...model,
    score: (history, rows, reasons) => {
      const scores = model.score(history, rows, reasons)
      seen.splice(0, seen.length, scores)
      return scores
    },
  }
  const app = createApp({
    host: await fixedHost(watched),
    scorer: directScorer(() => watched),
    identify: letAnybodyIn,
    decisionLog: memoryLog(),
    metrics: createMetrics(
      () => null,
      () => true,
    ),
    timeoutMs: 30_000,
    database: noDatabase,
    isReady: () => true,
    logger: pino({ level: 'silent' }),
    bodyLimitBytes: 1e7,
    batchLimit: 10,
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/scores`
  const asOf = formatDay(monthEnd(toMonth('2022-01') + many.months - 1))
  const economy = simulateEconomy(many).filter(month => (month.publishedOn ?? '') <= asOf)
  let compared = 0
  let differences = 0
  let worst = 0
  let borrowers = 0
  for (const { borrower, accounts } of simulateBorrowers(many)) {
    borrowers += 1
    const body = JSON.stringify({ asOf, borrower, accounts, economy })
    const answer = scoreResponseSchema.parse(
      await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json(),
    )
    let scored = 0
    for (const one of answer.accounts) {
      if (one.population !== 'scored') {
        expect(fromFiles.has(one.accountId), one.accountId).toBe(false)
        continue
      }
      const features = row(seen.at(-1)!, scored)
      scored += 1
      differences += features.filter((value, index) => !Object.is(value, filed.get(one.accountId)![index])).length
      one.pd?.forEach(({ probability }, index) => {
        worst = Math.max(worst, Math.abs(probability - fromFiles.get(one.accountId)![index]!))
      })
      compared += 1
    }
  }
  server.closeAllConnections()
  server.close()
  expect(borrowers).toBe(5000)
  expect(compared).toBeGreaterThan(4000)
  expect(differences).toBe(0)
  expect(worst).toBeLessThan(1e-6)
}, 600_000)

test('the data frame holds the features that the evaluator makes, with keys and labels', async () => {
  const frame = await loadFeatureFrame(small.portfolio, { features: model.features })
  expect(frame.columns).toEqual([...frameKeys, ...model.features.map(({ name }) => name)])
  expect(frame.shape[0]).toBeGreaterThan(3000)
  const accountIds = frame.accountId.values as string[]
  const months = frame.month.values as string[]
  const days = frame.days_past_due.values as number[]
  const dataset = await openDataset(small.portfolio)
  for await (const { history } of dataset.blocks()) {
    let checked = 0
    accountIds.slice(0, 500).forEach((accountId, place) => {
      const account = history.accountIds.indexOf(accountId)
      const first = history.accountStart[account]!
      expect(days[place]).toBe(history.numbers.daysPastDue[first + toMonth(months[place]!) - history.month[first]!])
      checked += 1
    })
    expect(checked).toBe(500)
  }
  dataset.close()
  const grouped = frame.groupby(['eventMonth']).col(['days_past_due']).mean()
  expect(grouped.shape[0]).toBe(7) // none, or the event in month 1 … 6
})

test('the model was judged on months and borrowers never seen, beside the truth', () => {
  const { evaluation, model: saved, leadTime } = small.result
  const { train, test: judged } = saved.manifest.data.parts
  expect(toMonth(train.lastMonth) + 1).toBeLessThan(toMonth(judged.firstMonth)) // a month of the last rows was known by then
  expect(Object.keys(evaluation.test)).toEqual(['1', '2', '3', '4', '5', '6'])
  const [ours, best] = [evaluation.truth!.model['3']!.auc!, evaluation.truth!.truth['3']!.auc!]
  expect(ours).toBeGreaterThan(0.7)
  expect(ours).toBeLessThan(best + 0.02) // nobody knows more than the truth, but for chance
  expect(leadTime[1]!.warned).toBeGreaterThan(0)
  expect(evaluation.segments.unseen!['3']!.rows).toBe(evaluation.test['3']!.rows)
})
