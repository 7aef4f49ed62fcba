/** Runs a program beside this process, whose server must go on answering. */

import { spawn } from 'node:child_process'

/** Waits for the end of a program. */
export function run(
  program: string,
  parameters: readonly string[],
): Promise<{ status: number | null; stdout: string }> {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', chunk => {
    stdout += String(chunk)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', status => resolve({ status, stdout }))
  })
}
