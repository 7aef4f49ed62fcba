import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openRegistry, packageFolder } from '../../models/index.ts'
import { scoreResponseSchema } from '../../serving/index.ts'
import { makeSmallModel, type SmallModel } from './small-model.ts'

let small: SmallModel
const root = mkdtempSync(join(tmpdir(), 'harbinger-cli-'))
beforeAll(async () => {
  small = await makeSmallModel()
})
afterAll(() => {
  small.remove()
  rmSync(root, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [join(packageFolder(), 'dist', program), ...args], {
    cwd: packageFolder(),
    env: {
      ...process.env,
      HARBINGER_MODELS: small.registry,
      HARBINGER_STORE: join(small.root, 'store'),
      ...environment,
    },
  })
}

async function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = start(program, args, environment)
  let [out, err] = ['', '']
  child.stdout?.on('data', text => (out += String(text)))
  child.stderr?.on('data', text => (err += String(text)))
  const [code] = await once(child, 'close')
  return { code: code as number | null, out, err }
}

const harbinger = (...args: string[]): Promise<Ended> => run('training/cli.js', args)

/** Waits until a server started as a child says where it is; its log is read on, so that no pipe fills or breaks. */
function serving(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', text => {
      said += String(text)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (url !== undefined) resolve(url)
    })
    child.once('exit', code => reject(new Error(`the server ended with ${code}: ${said}`)))
  })
}

test('every command has help with an example', async () => {
  for (const command of [
    ['simulate'],
    ['import', 'uci-credit-card'],
    ['import', 'credit-records'],
    ['check'],
    ['features', 'list'],
    ['train'],
    ['score'],
    ['compare'],
    ['filter'],
    ['models', 'list'],
    ['models', 'show'],
    ['models', 'promote'],
    ['first-model'],
  ]) {
    const { code, out } = await harbinger(...command, '--help')
    expect(code, command.join(' ')).toBe(0)
    expect(out, command.join(' ')).toMatch(/Examples?:\n {2}harbinger /)
  }
})

test('with --json the last line on standard output is one JSON object', async () => {
  const { code, out } = await harbinger(
    'train',
    small.portfolio,
    '--members',
    '1',
    '--name',
    'again',
    '--json',
    '--promote',
  )
  expect(code).toBe(0)
  const result = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')
  expect(result.test['3']).toMatchObject({ auc: expect.any(Number), ks: expect.any(Number), brier: expect.any(Number) })
  expect(result.segments.active['3'].auc).toBeGreaterThan(0.6)
  expect(result.model).toMatchObject({ name: 'again', version: 1 })
  expect(readFileSync(result.report, 'utf8')).toContain('<svg')
  openRegistry(small.registry).promote('small', 1)
})

test('models are listed, shown and promoted', async () => {
  expect((await harbinger('models', 'promote', 'small/1', '--as', 'challenger')).out).toContain(
    'challenger is now small/1',
  )
  const { models } = JSON.parse((await harbinger('models', 'list', '--json')).out)
  expect(models).toContainEqual(
    expect.objectContaining({ name: 'small', version: 1, aliases: ['champion', 'challenger'] }),
  )
  expect((await harbinger('models', 'show', 'champion')).out).toContain('small/1')
  const { code, err } = await harbinger('models', 'show', 'small/9')
  expect(code).toBe(2)
  expect(err).toContain('found "small/9", expected an alias such as champion')
})

test('a portfolio is scored into a file that is whole or not there', async () => {
  const file = join(root, 'scores.ndjson')
  const { code, out } = await harbinger('score', small.portfolio, '--out', file, '--json')
  expect(code).toBe(0)
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines).toHaveLength(JSON.parse(out).accounts)
  expect(lines[0]).toMatchObject({ month: '2024-06', pd: expect.any(Array) })
  const failed = await harbinger('score', small.portfolio, '--out', join(file, 'below'))
  expect(failed.code).toBe(2)
  expect(failed.err).toContain('expected a file that can be written')
})

test('the README’s commands do what it says', async () => {
  const readme = readFileSync(join(packageFolder(), 'README.md'), 'utf8')
  const commands = [...readme.matchAll(/^npm run --silent harbinger -- (.*)$/gm)].map(match => match[1] ?? '')
  expect(commands.map(command => command.split(' ')[0])).toEqual(['check', 'train', 'score', 'portfolio', '--help'])
  for (const command of commands) {
    const args = command.replace('my-data', small.portfolio).replace('scores.ndjson', join(root, 'readme.ndjson'))
    const { code, err } = await harbinger(...args.split(' '))
    expect(code, `${command}: ${err}`).toBe(0)
  }
  openRegistry(small.registry).promote('small', 1)
})

test('engines agree within 1e-4 on every probability', async () => {
  const score = async (engine: string): Promise<number[]> => {
    const file = join(root, `${engine}.ndjson`)
    const args = ['score', small.portfolio, '--out', file, '--reasons', '0']
    expect((await run('training/cli.js', args, { HARBINGER_ENGINE: engine })).code).toBe(0)
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .flatMap(line => z.object({ pd: z.array(z.number()) }).parse(JSON.parse(line)).pd)
  }
  const [wasm, javascript] = [await score('wasm'), await score('javascript')]
  expect(javascript).toHaveLength(wasm.length)
  expect(Math.max(...wasm.map((pd, index) => Math.abs(pd - javascript[index]!)))).toBeLessThan(1e-4)
})

test('the guide to the data frame is the example, and the example runs', async () => {
  const example = join(packageFolder(), 'docs/examples/feature-frame.ts')
  expect(readFileSync(join(packageFolder(), 'docs/guides/feature-frame.md'), 'utf8')).toContain(
    readFileSync(example, 'utf8'),
  )
  const child = spawn(process.execPath, ['--import', 'tsx', example, small.portfolio], { cwd: packageFolder() })
  let out = ''
  child.stdout.on('data', text => {
    out += String(text)
  })
  expect(await once(child, 'close')).toEqual([0, null])
  expect(out).toContain('days_past_due')
})

/** A portfolio in which nobody ever falls behind, or which is too short. */
function months(name: string, count: number, daysPastDue: (month: number) => number): string {
  const folder = join(root, name)
  const rows = Array.from({ length: 60 }, (_, account) =>
    Array.from(
      { length: count },
      (_, month) =>
        `A${account},${2020 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')},open,${daysPastDue(month)}`,
    ),
  ).flat()
  rmSync(folder, { recursive: true, force: true })
  const description = {
    format: 1,
    name,
    currency: 'none',
    dataCutOn: `${2020 + Math.floor(count / 12)}-12-31`,
    grain: 'account-months',
    tables: { accountMonths: { path: 'months.csv' } },
  }
  rmSync(folder, { recursive: true, force: true })
  writeFolder(folder, {
    'months.csv': `accountId,month,state,daysPastDue\n${rows.join('\n')}\n`,
    'dataset.json': JSON.stringify(description),
  })
  return folder
}

function writeFolder(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

test('labels of one class, too few months, and nonsense are refused, and nothing is saved', async () => {
  const before = readdirSync(small.registry)
  const oneClass = await harbinger(
    'train',
    months('calm', 30, () => 0),
  )
  expect(oneClass.code).toBe(2)
  expect(oneClass.err).toMatch(
    /labels, field training: found "no event in \d+ rows", expected rows with and without an event/,
  )
  const short = await harbinger(
    'train',
    months('short', 8, month => 10 * month),
  )
  expect(short.code).toBe(2)
  expect(short.err).toContain('found "8 months of data, 2020-01 to 2020-08", expected at least 14 months')
  const nowhere = await harbinger('train', join(root, 'nowhere'))
  expect(nowhere.err).toContain('dataset.json: expected a file that describes the data set')
  expect((await harbinger('train', small.portfolio, '--name', '../evil')).err).toContain('--name: found "../evil"')
  expect((await harbinger('train', small.portfolio, '--members', 'many')).code).toBe(2)
  expect((await harbinger('train', small.portfolio, '--test-fold', '0')).err).toContain(
    'a folds file with the data set',
  )
  expect(readdirSync(small.registry)).toEqual(before)
})

test('a registry that can’t be written is refused', async () => {
  const file = join(root, 'a-file')
  writeFileSync(file, '')
  const { code, err } = await harbinger('train', small.portfolio, '--models', join(file, 'models'))
  expect(code).toBe(2)
  expect(err).toContain('expected a folder that can be written')
})

test('a second trainer on the same registry is refused while the first is at work', async () => {
  const first = start('training/cli.js', ['train', small.portfolio, '--name', 'busy'])
  while (!existsSync(join(small.registry, '.training.lock'))) await new Promise(resolve => setTimeout(resolve, 50))
  const second = await harbinger('train', small.portfolio, '--name', 'late')
  first.kill()
  await once(first, 'close')
  expect(second.code).toBe(2)
  expect(second.err).toContain('found "another trainer at work on this registry"')
  rmSync(join(small.registry, '.training.lock'), { recursive: true, force: true })
})

test('npm start with a champion serves it; the curl line’s body is scored; SIGTERM ends with 0', async () => {
  const child = start('start.js', [], { PORT: '0' })
  const ended = once(child, 'close')
  const url = await serving(child)
  const body = readFileSync(join(packageFolder(), 'docs/examples/score-request.json'))
  const response = await fetch(`${url}/v1/scores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBe(200)
  const { accounts } = scoreResponseSchema.parse(await response.json())
  expect(accounts).toHaveLength(3)
  for (const { pd } of accounts) {
    const values = (pd ?? []).map(({ probability }) => probability)
    expect(values).toHaveLength(6)
    expect([...values].sort((a, b) => a - b)).toEqual(values)
  }
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('npm start passes SIGTERM on, and ends with 0', async () => {
  const child = spawn('npm', ['start'], {
    cwd: packageFolder(),
    env: { ...process.env, HARBINGER_MODELS: small.registry, HARBINGER_STORE: join(small.root, 'store'), PORT: '0' },
  })
  const ended = once(child, 'close')
  await serving(child)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('SIGTERM finishes a request in flight', async () => {
  const child = start('serving/cli.js', [], { PORT: '0' })
  const ended = once(child, 'close')
  const url = new URL(await serving(child))
  const body = readFileSync(join(packageFolder(), 'docs/examples/score-request.json'), 'utf8')
  const slow = request({
    host: url.hostname,
    port: url.port,
    path: '/v1/scores',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  })
  slow.write(body.slice(0, 100))
  await new Promise(resolve => setTimeout(resolve, 200)) // the first half has arrived
  child.kill('SIGTERM')
  await new Promise(resolve => setTimeout(resolve, 200)) // the server is stopping
  slow.end(body.slice(100))
  const [response] = await once(slow, 'response')
  expect(response.statusCode).toBe(200)
  response.resume()
  expect(await ended).toEqual([0, null])
})

test('a port in use, a missing model and a damaged one stop the start with a clear message', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const port = String((taken.address() as AddressInfo).port)
  const inUse = await run('serving/cli.js', [], { PORT: port })
  taken.close()
  expect(inUse.code).toBe(2)
  expect(inUse.err).toContain(`environment, field PORT: found "${port}", expected a port that is free`)
  const missing = await run('serving/cli.js', ['--model', 'nobody'])
  expect(missing.code).toBe(2)
  expect(missing.err).toContain('found "nobody"')
  expect((await run('serving/cli.js', [], { PORT: 'eighty' })).err).toContain('field PORT: found "eighty"')
  expect((await run('serving/cli.js', [], { HARBINGER_ENGINE: 'steam' })).err).toContain(
    'one of wasm, native, javascript',
  )
})
