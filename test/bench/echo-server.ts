/** What the score is measured against: Express that reads a JSON body and sends it back. */

import type { AddressInfo } from 'node:net'
import express from 'express'

const app = express()
app.use(express.json({ limit: 2_097_152 }))
app.post('/', (request, response) => {
  response.json(request.body)
})
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
