/** `npm run bench -- NAME`: runs one benchmark, which prints a table and, last, one line of JSON. */

import { benchAccuracy } from './accuracy/index.ts'
import { benchClients } from './clients.ts'
import { benchFeatures } from './features/index.ts'
import { benchPortfolio } from './portfolio.ts'
import { benchServe } from './serve/index.ts'
import { benchTrain } from './train.ts'

const benchmarks: Readonly<Record<string, (words: readonly string[]) => Promise<object>>> = {
  accuracy: benchAccuracy,
  clients: benchClients,
  features: benchFeatures,
  train: benchTrain,
  serve: benchServe,
  portfolio: benchPortfolio,
}

const name = process.argv[2] ?? ''
const benchmark = benchmarks[name]
if (benchmark === undefined) {
  console.error(`Run one of: ${Object.keys(benchmarks).join(', ')}. Example: npm run bench -- train`)
  process.exitCode = 2
} else console.log(JSON.stringify(await benchmark(process.argv.slice(3))))
