/** The memory in which programs run. */

import { memoryBytes, type Program } from './program.ts'

const pageBytes = 65_536

/** A program in the memory, ready to run. */
export interface Workspace {
  readonly memory: WebAssembly.Memory
  /** Shape `[row]` each; the last one is for the age. */
  readonly buffers: readonly Float64Array[]
  /** The common loop of each stage, over a number of rows. */
  readonly loops: readonly ((rows: number) => void)[]
}

/** Evaluation is synchronous, so one program at a time uses it. */
let memory = new WebAssembly.Memory({ initial: 1 })
const workspaces = new WeakMap<Program, Workspace>()

/** The workspace of a program, whose buffers hold nothing beyond one evaluation. */
export function workspaceOf(program: Program): Workspace {
  const missing = memoryBytes(program) - memory.buffer.byteLength
  if (missing > 0) memory = new WebAssembly.Memory({ initial: Math.ceil(memoryBytes(program) / pageBytes) })
  let workspace = workspaces.get(program)
  if (workspace?.memory !== memory) {
    workspace = openWorkspace(program)
    workspaces.set(program, workspace)
  }
  return workspace
}

function openWorkspace({ plan, rows, bufferAt, module }: Program): Workspace {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return {
    memory,
    buffers: bufferAt.map(at => new Float64Array(memory.buffer, at, rows)),
    loops: plan.stages.map((_, stage) => {
      const loop = exports[String(stage)]
      if (typeof loop !== 'function') throw new Error(`the program has no stage ${stage}`)
      return count => {
        loop(count)
      }
    }),
  }
}
