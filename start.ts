/** `npm start`: serves the champion, and makes a first one if there is none. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { InputError, runProgram } from './data/index.ts'
import { fileNames, modelsFolder, openRegistry, packageFolder } from './models/index.ts'
import { runServer, runUntilStopped } from './serving/index.ts'

const registry = openRegistry(modelsFolder())

/** Makes a first model if there is none, then serves. */
async function start(): Promise<void> {
  if (registry.aliases().champion === undefined) {
    console.log('No champion model yet: simulating a portfolio and training a first one. This takes a minute or two.')
    await trainFirstModel()
  }
  const champion = registry.resolve('champion')
  const server = await runUntilStopped(() => runServer())
  console.log(`\nServing ${champion.name}/${champion.version} on ${server.url}  (API: ${server.url}/docs)`)
  console.log(`Report: ${join(champion.folder, fileNames.report)}`)
  console.log(
    `Try:    curl -s ${server.url}/v1/scores -H 'content-type: application/json' -d @docs/examples/score-request.json`,
  )
}

await runProgram(start)

/** Runs the trainer as a process of its own, so that the server carries none of its memory. */
function trainFirstModel(): Promise<void> {
  const trainer = spawn(process.execPath, [join(packageFolder(), 'dist', 'training', 'cli.js'), 'first-model'], {
    stdio: 'inherit',
  })
  const stop = (signal: NodeJS.Signals): void => {
    trainer.kill(signal)
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  return new Promise((resolve, reject) => {
    trainer.once('error', reject)
    trainer.once('exit', code => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      if (code === 0) resolve()
      else reject(new InputError({ source: 'first model', expected: 'training to succeed; its message stands above' }))
    })
  })
}
