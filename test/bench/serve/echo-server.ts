/** What the score is measured against: Express that reads a JSON body and sends it back, in as many processes. */

import cluster from 'node:cluster'
import type { AddressInfo } from 'node:net'
import express from 'express'

const processes = Number(process.argv[2] ?? '1')

if (cluster.isPrimary && processes > 1) {
  let listening = 0
  cluster.on('listening', (_, { port }) => {
    listening += 1
    if (listening === processes) console.log(`http://127.0.0.1:${port}`)
  })
  for (let one = 0; one < processes; one += 1) cluster.fork()
  process.on('SIGTERM', () => process.exit(0)) // the workers end with it
} else {
  const app = express()
  app.use(express.json({ limit: 2_097_152 }))
  app.post('/', (request, response) => {
    response.json(request.body)
  })
  const server = app.listen(0, '127.0.0.1', () => {
    if (cluster.isPrimary) console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
}
