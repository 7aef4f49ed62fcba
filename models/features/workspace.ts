/** The memory in which programs run. */

import { type Compiled, functionsOf, memoryOf } from '../wasm-code.ts'
import type { Run } from './kernels/index.ts'
import { memoryBytes, type Program } from './program.ts'

/** A program in the memory, ready to run. */
export interface Workspace {
  readonly memory: WebAssembly.Memory
  /** Months since each account's first row, shape `[row]`. */
  readonly age: Float64Array
  readonly stages: readonly ReadyStage[]
}

/** A stage of the plan with its buffers, each of shape `[row]`. */
export interface ReadyStage {
  readonly loops: readonly { readonly run: Run; readonly inputs: readonly Float64Array[]; readonly out: Float64Array }[]
  /** The common loop, over a number of rows. */
  readonly common: Compiled
  /** Values that are features', with their columns. */
  readonly results: readonly { readonly values: Float64Array; readonly columns: readonly number[] }[]
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
    workspace = openWorkspace(program, memory)
    workspaces.set(program, workspace)
  }
  return workspace
}

/** A workspace in a memory that nothing else uses, large enough for it. */
export function ownWorkspace(program: Program): Workspace {
  return openWorkspace(program, memoryOf(memoryBytes(program)))
}

function openWorkspace({ plan, rows, bufferAt, module }: Program, memory: WebAssembly.Memory): Workspace {
  const buffers = bufferAt.map(at => new Float64Array(memory.buffer, at, rows))
  const bufferOf = (buffer: number): Float64Array => buffers[buffer] as Float64Array
  const functions = functionsOf(module, memory)
  return {
    memory,
    age: bufferOf(plan.buffers),
    stages: plan.stages.map(({ loops, results }, stage) => ({
      loops: loops.map(({ run, inputs, out }) => ({ run, inputs: inputs.map(bufferOf), out: bufferOf(out) })),
      common: functions[stage] as Compiled,
      results: results.map(({ buffer, columns }) => ({ values: bufferOf(buffer), columns })),
    })),
  }
}
