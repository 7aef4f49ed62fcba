/** Clients and checkers that others wrote, against a running server: they must find nothing wrong. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import { openRegistry, packageFolder } from '../../models/index.ts'
import { readConfig, startServer } from '../../serving/index.ts'
import { writeTinyModel } from '../models/tiny-model.ts'

const run = promisify(execFile)

/** Too heavy to be dependencies: installed beside the project when this runs. */
const packages = ['@stoplight/prism-cli@5.14.2', '@aws-sdk/client-sagemaker-runtime@3.1164.0']
const folder = join(packageFolder(), '.peers', 'clients-node')

/** Runs each client; one that can't be installed is skipped with a message. */
export async function benchClients(): Promise<object> {
  const root = mkdtempSync(join(tmpdir(), 'harbinger-clients-'))
  await writeTinyModel(root)
  openRegistry(root).promote('tiny', 1)
  const server = await startServer(
    readConfig({
      PORT: '0',
      LOG_LEVEL: 'silent',
      HARBINGER_AUTH: 'none',
      HARBINGER_MODELS: root,
      HARBINGER_STORE: join(root, 'store'),
    }),
  )
  const table = new Table({ head: ['Client', 'Checks', 'Passed'], style: { head: [] } })
  const passed: Record<string, boolean> = {}
  const tell = (client: string, checks: readonly boolean[]): void => {
    passed[client] = checks.length > 0 && checks.every(Boolean)
    table.push([client, checks.length, checks.filter(Boolean).length])
  }
  try {
    const missing = await install()
    if (missing !== null) console.log(`Skipped Prism and SageMaker’s client: ${missing}`)
    else {
      const yaml = process.env.HARBINGER_OPEN_INFERENCE
      if (yaml === undefined) {
        console.log('Skipped Prism: set HARBINGER_OPEN_INFERENCE to the protocol’s open_inference_rest.yaml')
      } else {
        const checks = await askThroughPrism(root, server.url, readFileSync(yaml, 'utf8'))
        tell('Prism proxy with the published Open Inference YAML, --errors', checks)
      }
      tell('AWS SDK, SageMaker runtime', await invokeAsSageMaker(root, server.url))
    }
    tell('curl', [
      (await curl(`${server.url}/v2/health/ready`)) === '{"ready":true,"live":true}',
      (await curl(`${server.url}/ping`)) === '{"status":"ready"}',
    ])
  } finally {
    await server.close()
    rmSync(root, { recursive: true, force: true })
  }
  console.log(table.toString())
  return passed
}

async function install(): Promise<string | null> {
  try {
    if (!existsSync(join(folder, 'node_modules', '.bin', 'prism'))) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
      await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder, timeout: 600_000 })
    }
    return null
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
}

async function curl(url: string): Promise<string> {
  return (await run('curl', ['-s', url])).stdout
}

/** Prism answers by itself, and not with ours, where request or answer break the document. */
async function askThroughPrism(root: string, url: string, published: string): Promise<boolean[]> {
  const document = join(root, 'open-inference.yaml')
  writeFileSync(document, published.replaceAll('$' + '{', '{')) // as written no path of it matches
  const port = await freePort()
  const program = join(folder, 'node_modules', '.bin', 'prism')
  const prism = spawn(program, ['proxy', document, url, '--errors', '-p', String(port)], { stdio: 'ignore' })
  try {
    const proxied = `http://127.0.0.1:${port}`
    await listening(`${proxied}/v2/health/live`, prism)
    const infer = (body: object): Promise<Response> =>
      fetch(`${proxied}/v2/models/tiny/versions/1/infer`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const input = { name: 'days_past_due', shape: [2, 1], datatype: 'FP64', data: [3, 1] }
    const gets = ['/v2/', '/v2/health/live', '/v2/health/ready', '/v2/models/tiny/versions/1']
    const checks = await Promise.all(
      [...gets, '/v2/models/tiny/versions/1/ready'].map(async path => (await fetch(proxied + path)).status === 200),
    )
    const good = await infer({ id: '42', inputs: [input] })
    const bad = await infer({ inputs: [{ ...input, name: 'shoe_size' }] }) // ours: 400 with {"error"}
    const refused = await infer({ id: '42' }) // Prism's own refusal: it does check
    const said = (await bad.json()) as { error?: unknown }
    return [
      ...checks,
      good.status === 200,
      bad.status === 400 && typeof said.error === 'string',
      refused.status === 422,
    ]
  } finally {
    prism.kill()
  }
}

async function listening(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`Prism ended with ${child.exitCode}`)
    const answer = await fetch(url).catch(() => null)
    if (answer !== null) return
    await sleep(250)
  }
  throw new Error('Prism does not listen')
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** In a process of its own, since the package lies elsewhere. */
async function invokeAsSageMaker(root: string, url: string): Promise<boolean[]> {
  const script = `
import { createRequire } from 'node:module'
const { SageMakerRuntimeClient, InvokeEndpointCommand } = createRequire(${JSON.stringify(`${folder}/`)})('@aws-sdk/client-sagemaker-runtime')
const client = new SageMakerRuntimeClient({
  region: 'eu-central-1', endpoint: ${JSON.stringify(url)}, credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, maxAttempts: 1,
})
const invoke = async (ContentType, Body) => {
  const { Body: bytes } = await client.send(new InvokeEndpointCommand({ EndpointName: 'tiny', ContentType, Body }))
  return JSON.parse(Buffer.from(bytes).toString()).predictions
}
const json = await invoke('application/json', JSON.stringify({ instances: [{ days_past_due: 3 }] }))
const csv = await invoke('text/csv', 'days_past_due\\n3\\n')
const refused = await invoke('application/json', '{}').then(() => false, error => error.$metadata.httpStatusCode === 400)
console.log(JSON.stringify([json[0].length === 2, JSON.stringify(json) === JSON.stringify(csv), refused]))
`
  const file = join(root, 'sagemaker.mjs')
  writeFileSync(file, script)
  const { stdout } = await run(process.execPath, [file], { timeout: 120_000 })
  return JSON.parse(stdout) as boolean[]
}
