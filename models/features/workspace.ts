/** The memory in which programs run. */

import { type Compiled, functionsOf, memoryOf } from '../wasm-code.ts'
import { memoryBytes, type Program } from './program.ts'

/** A program in the memory, ready to run. */
export interface Workspace {
  readonly memory: WebAssembly.Memory
  /** Shape `[row]` each; the last one is for the age. */
  readonly buffers: readonly Float64Array[]
  /** The common loop of each stage, over a number of rows. */
  readonly loops: readonly Compiled[]
}

/** Evaluation is synchronous, so one program at a time uses it. */
let memory = memoryOf(1)
const workspaces = new WeakMap<Program, Workspace>()

/** The workspace of a program, whose buffers hold nothing beyond one evaluation. */
export function workspaceOf(program: Program): Workspace {
  const missing = memoryBytes(program) - memory.buffer.byteLength
  if (missing > 0) memory = memoryOf(memoryBytes(program))
  let workspace = workspaces.get(program)
  if (workspace?.memory !== memory) {
    workspace = openWorkspace(program)
    workspaces.set(program, workspace)
  }
  return workspace
}

function openWorkspace({ rows, bufferAt, module }: Program): Workspace {
  return {
    memory,
    buffers: bufferAt.map(at => new Float64Array(memory.buffer, at, rows)),
    loops: functionsOf(module, memory),
  }
}
