/** Servers as processes of their own: started, found, and weighed. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageFolder } from '../../../models/index.ts'

/** Starts a program of ours. */
export function startOurs(program: string, environment: NodeJS.ProcessEnv, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(packageFolder(), 'dist', program), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Waits until a program says where it listens. */
export function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (text: unknown): void => {
      said += String(text)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (url === undefined) return
      child.stdout?.off('data', listen)
      child.stdout?.resume() // a full pipe would stop a server that logs
      resolve(url)
    }
    child.stdout?.on('data', listen)
    child.once('exit', code => reject(new Error(`a server ended with ${code}: ${said}`)))
  })
}

/** Resident memory of a process and its children, in MiB, once a second for some seconds. */
export async function residentMiBs(child: ChildProcess, seconds: number): Promise<number[]> {
  const found: number[] = []
  for (let second = 0; second < seconds; second += 1) {
    await sleep(1000)
    found.push(residentMiB(child))
  }
  return found
}

function residentMiB(child: ChildProcess): number {
  const kib = (words: readonly string[]): number =>
    execFileSync('ps', ['-o', 'rss=', ...words], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
      .reduce((sum, text) => sum + Number(text), 0)
  return (kib(['-p', String(child.pid)]) + kib(['--ppid', String(child.pid)])) / 1024
}
