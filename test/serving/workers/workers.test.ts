import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRegistry, packageFolder } from '../../../models/index.ts'
import { writeWideModel } from '../../models/wide-model.ts'

const root = mkdtempSync(join(tmpdir(), 'harbinger-workers-'))
const body = readFileSync(join(packageFolder(), 'docs/examples/score-request.json'))

let child: ChildProcess
let url = ''
let log = ''
beforeAll(async () => {
  const { manifest } = await writeWideModel(root)
  openRegistry(root).promote(manifest.name, manifest.version)
  child = serve([])
  url = await serving(child)
})
afterAll(() => {
  child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

function serve(options: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const program = join(packageFolder(), 'dist/serving/cli.js')
  const started = spawn(process.execPath, [program, '--workers', '2', ...options], {
    env: {
      ...process.env,
      PORT: '0',
      HARBINGER_MODELS: root,
      HARBINGER_STORE: join(root, 'store'),
      HARBINGER_FOLLOW_MS: '60000',
      ...environment,
    },
  })
  for (const stream of [started.stdout, started.stderr]) {
    stream?.on('data', (text: unknown) => {
      log += String(text)
    })
  }
  return started
}

/** Waits until the server says that all workers serve. */
async function serving(server: ChildProcess): Promise<string> {
  log = ''
  for (;;) {
    const said = /"url":"(http:[^"]+)","workers":2/.exec(log)?.[1]
    if (said !== undefined) return said
    if (server.exitCode !== null) throw new Error(log)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** Process ids of the workers. */
function workers(server: ChildProcess): number[] {
  const found = execFileSync('ps', ['-o', 'pid=', '--ppid', String(server.pid)], { encoding: 'utf8' })
  return found.trim().split(/\s+/).map(Number)
}

/** Posts the example over a connection of its own. */
async function post(path = '/v1/scores', sending: string | Buffer = body): Promise<number> {
  const sent = request(url + path, {
    method: 'POST',
    agent: new Agent({ keepAlive: false }),
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sending) },
  })
  sent.end(sending)
  const [response] = await once(sent, 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

test('requests are answered by several processes on one port', async () => {
  const before = log.length
  expect(await Promise.all(Array.from({ length: 8 }, () => post()))).toEqual(Array(8).fill(200))
  const answered = (): (string | undefined)[] =>
    [...log.slice(before).matchAll(/"pid":(\d+)[^\n]*request completed/g)].map(([, pid]) => pid)
  while (answered().length < 8) await new Promise(resolve => setTimeout(resolve, 20)) // a log comes after its answer
  const pids = new Set(answered())
  expect([...pids].map(Number).sort()).toEqual(workers(child).sort())
})

test('a scrape of any worker counts the requests of all', async () => {
  const counted = async (): Promise<{ rows: number; requests: number; up: string | undefined }> => {
    const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
    const value = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 'none')
    return {
      rows: value(/^harbinger_scored_rows_total\{model="wide\/1"\} (\d+)$/m),
      requests: value(
        /^harbinger_http_request_duration_seconds_count\{route="\/v1\/scores",method="post",status="200"\} (\d+)$/m,
      ),
      up: /^harbinger_store_up (\d)$/m.exec(text)?.[1],
    }
  }
  const before = await counted()
  expect(await Promise.all(Array.from({ length: 12 }, () => post()))).toEqual(Array(12).fill(200))
  for (let scrape = 0; scrape < 4; scrape += 1) {
    const after = await counted() // connections go round the workers
    expect(after.rows - before.rows).toBe(12)
    expect(after.requests - before.requests).toBe(12)
  }
  while ((await counted()).up !== '1') await new Promise(resolve => setTimeout(resolve, 100))
})

test('a worker that is killed is replaced, and the others answer meanwhile', async () => {
  const [victim, other] = workers(child) as [number, number]
  process.kill(victim, 'SIGKILL')
  while (!log.includes('starting another')) await new Promise(resolve => setTimeout(resolve, 20))
  expect(await Promise.all(Array.from({ length: 4 }, () => post()))).toEqual(Array(4).fill(200))
  while (workers(child).length < 2 || workers(child).includes(victim)) {
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  expect(workers(child)).toContain(other)
})

test('a promotion that one worker is asked for has reached all of them when it is answered', async () => {
  const { manifest } = await writeWideModel(root)
  const path = `/v1/models/${manifest.name}/versions/${manifest.version}/promote`
  expect(await post(path, '{}')).toBe(200)
  const before = log.length
  expect(await Promise.all(Array.from({ length: 8 }, () => post()))).toEqual(Array(8).fill(200))
  expect(log.slice(0, before).match(/"to":"wide\/2"/g)).toHaveLength(2)
})

test('SIGTERM to the whole group finishes the requests in flight of every worker, and ends with 0', async () => {
  const ended = once(child, 'close')
  const slow = Array.from({ length: 4 }, () => {
    const sent = request(`${url}/v1/scores`, {
      method: 'POST',
      agent: new Agent({ keepAlive: false }),
      headers: { 'content-type': 'application/json', 'content-length': body.byteLength },
    })
    sent.write(body.subarray(0, 100))
    return sent
  })
  await new Promise(resolve => setTimeout(resolve, 300))
  for (const pid of workers(child)) process.kill(pid, 'SIGTERM')
  child.kill('SIGTERM')
  await new Promise(resolve => setTimeout(resolve, 300))
  const answers = slow.map(async sent => {
    const [response] = await once(sent, 'response')
    response.resume()
    return response.statusCode
  })
  for (const sent of slow) sent.end(body.subarray(100))
  expect(await Promise.all(answers)).toEqual([200, 200, 200, 200])
  expect(await ended).toEqual([0, null])
})

test('what stops the workers’ start is said once, by the owner', async () => {
  log = ''
  const failing = serve(['--model', 'nobody'])
  expect(await once(failing, 'close')).toEqual([2, null])
  expect(log.match(/found "nobody"/g)).toHaveLength(1)
})
