/** A throw-away PostgreSQL cluster on a free port, where PostgreSQL is installed. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a database is, and how to stop and start it. */
export interface PostgresCluster {
  readonly url: string
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** Folder of `initdb` and `postgres`; null where there is none. */
export function postgresPrograms(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map(version => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')]
  return folders.find(folder => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null
}

/** Makes a cluster and starts it; PostgreSQL refuses to run as root, so root gives it to another user. */
export async function createCluster(programs: string): Promise<PostgresCluster> {
  const root = mkdtempSync(join(tmpdir(), 'harbinger-postgres-'))
  const user: { uid?: number; gid?: number } = process.getuid?.() === 0 ? unprivileged() : {}
  if (user.uid !== undefined && user.gid !== undefined) chownSync(root, user.uid, user.gid)
  const folder = join(root, 'data')
  execFileSync(
    join(programs, 'initdb'),
    ['-D', folder, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {
      ...user,
      cwd: root,
      stdio: 'ignore',
    },
  )
  const port = await freePort()
  let server: ChildProcess | null = null
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`

  const start = async (): Promise<void> => {
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${root}`,
      'fsync=off',
      'shared_buffers=32MB',
    ]
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', folder, '-p', String(port), ...settings.flatMap(setting => ['-c', setting])],
      { ...user, cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    server = child
    let said = ''
    await new Promise<void>((ready, reject) => {
      child.stderr.on('data', text => {
        said += String(text)
        if (said.includes('database system is ready to accept connections')) ready()
      })
      child.once('exit', code => reject(new Error(`postgres ended with ${code}: ${said}`)))
    })
  }
  const stop = async (): Promise<void> => {
    if (server === null || server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGINT') // fast shutdown
    await ended
    server = null
  }
  await start()
  return {
    url,
    start,
    stop,
    remove: async () => {
      await stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function unprivileged(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    try {
      const number = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: number('-u'), gid: number('-g') }
    } catch {}
  }
  throw new Error('root needs another user to run PostgreSQL as')
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
