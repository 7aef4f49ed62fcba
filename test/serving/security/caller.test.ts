import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../test-server.ts'
import { startGuardedServer, testKey } from './test-keys.ts'

const key = testKey(['score', 'metrics'])
const id = key.text.split('_')[1]
const borrower = (name: string) => ({
  asOf: '2024-03-31',
  borrower: { borrowerId: `secret-${name}` },
  accounts: [{ accountId: `secret-account-${name}`, openedOn: '2024-01-05', instalments: [], payments: [] }],
})

let server: TestServer
let open: TestServer
beforeAll(async () => {
  server = await startGuardedServer([key])
  open = await startTestServer()
})
afterAll(() => Promise.all([server.close(), open.close()]))
beforeEach(() => {
  for (const { decisions, log } of [server, open]) {
    decisions.splice(0)
    log.splice(0)
  }
})

const ways = [
  { way: 'one', path: '/v1/scores', type: 'application/json', body: JSON.stringify(borrower('one')), decisions: 1 },
  {
    way: 'a batch',
    path: '/v1/scores/batch',
    type: 'application/json',
    body: JSON.stringify([borrower('one'), borrower('two'), { bad: true }]),
    decisions: 2,
  },
  {
    way: 'a stream',
    path: '/v1/scores/batch',
    type: 'application/x-ndjson',
    body: `${JSON.stringify(borrower('one'))}\n{}\n${JSON.stringify(borrower('two'))}\n`,
    decisions: 2,
  },
]

test.each(ways)('$way: decisions name the key of who asked', async ({ path, type, body, decisions }) => {
  for (const headers of [{ authorization: `Bearer ${key.text}` }, { 'x-api-key': key.text }]) {
    server.decisions.splice(0)
    const response = await server.post(path, body, { 'content-type': type, ...headers })
    expect(response.status).toBe(200)
    await response.text()
    expect(server.decisions.map(({ caller }) => caller)).toEqual(Array(decisions).fill(id))
  }
})

test.each(ways)('$way: decisions name nobody where nobody needs a key', async ({ path, type, body, decisions }) => {
  const headers = { 'content-type': type, authorization: `Bearer ${key.text}`, 'x-caller': 'somebody' }
  await (await open.post(path, body, headers)).text()
  expect(open.decisions.map(({ caller }) => caller)).toEqual(Array(decisions).fill(null))
})

test('neither a key nor anything of a borrower gets into the log, the metrics or a refusal', async () => {
  const wrong = `${key.text.slice(0, -4)}beef`
  const seen: string[] = []
  for (const { path, type, body } of ways) {
    for (const text of [key.text, wrong, 'secret-nonsense', '']) {
      for (const headers of [{ authorization: `Bearer ${text}` }, { 'x-api-key': text }]) {
        const response = await server.post(`${path}?key=${text}`, body, { 'content-type': type, ...headers })
        const answer = await response.text()
        if (response.status !== 200) seen.push(answer, JSON.stringify([...response.headers]))
      }
    }
  }
  await fetch(`${server.url}/secret-path/${key.text}`, { headers: { 'x-api-key': key.text } })
  seen.push(await (await fetch(`${server.url}/metrics`, { headers: { 'x-api-key': key.text } })).text())
  expect(server.log.length).toBeGreaterThan(20)
  for (const text of [...server.log, ...seen]) {
    expect(text).not.toContain('hbg_')
    expect(text).not.toContain(key.text.split('_')[2]?.slice(0, 32))
    expect(text).not.toContain('secret-')
  }
})
