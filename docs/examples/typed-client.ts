/** A client whose types come from the server's OpenAPI document: what a request lacks, the compiler says. */

import { readFileSync } from 'node:fs'
import createClient from 'openapi-fetch'
import type { paths } from './harbinger-api.d.ts' // npx openapi-typescript docs/reference/openapi.json -o docs/examples/harbinger-api.d.ts

type ScoreRequest = paths['/v1/scores']['post']['requestBody']['content']['application/json']

const client = createClient<paths>({ baseUrl: process.argv[2] ?? 'http://127.0.0.1:8080' })
const body = JSON.parse(readFileSync(new URL('score-request.json', import.meta.url), 'utf8')) as ScoreRequest

const { data, error } = await client.POST('/v1/scores', { body })
if (error !== undefined) {
  console.error(error.title, error.errors ?? [])
  process.exit(1)
}
for (const { accountId, population, pd } of data.accounts) {
  console.log(accountId, population, pd?.map(({ months, probability }) => `${months}: ${probability.toFixed(4)}`) ?? '')
}
console.log('scored by', data.model.name, data.model.version)
