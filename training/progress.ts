/** Shows long work: a bar with time left on a terminal, a line per step elsewhere; always on standard error. */

import { SingleBar } from 'cli-progress'

/** Shows the steps of a long job. */
export interface Progress {
  /** Begins a step; the one before is finished. */
  step(name: string): void
  /** Share of the step done, in [0, 1]. */
  update(share: number): void
  /** Prints a line without disturbing the bar. */
  note(line: string): void
  /** Finishes the last step. */
  finish(): void
}

/**
 * Opens a progress display.
 *
 * @param stream - Where to show it; a bar if it is a terminal.
 */
export function openProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? barProgress(stream) : lineProgress(stream)
}

/** Shows nothing. */
export const noProgress: Progress = { step: () => {}, update: () => {}, note: () => {}, finish: () => {} }

function barProgress(stream: NodeJS.WriteStream): Progress {
  let bar: SingleBar | undefined
  const finish = (): void => {
    if (bar === undefined) return
    bar.update(1)
    bar.stop()
    bar = undefined
  }
  return {
    step: name => {
      finish()
      bar = new SingleBar({
        stream,
        format: `  ${name.padEnd(24)} {bar} {percentage} %  {duration_formatted}, {eta_formatted} left`,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        hideCursor: true,
        etaBuffer: 50,
      })
      bar.start(1, 0)
    },
    update: share => bar?.update(Math.min(1, Math.max(0, share))),
    note: line => {
      finish()
      stream.write(`  ${line}\n`)
    },
    finish,
  }
}

/** Where nobody watches a bar, each step is a line when it begins, every quarter with time left, and when it ends. */
function lineProgress(stream: NodeJS.WriteStream): Progress {
  let current: { name: string; startedAt: number; told: number } | undefined
  const seconds = (since: number): number => Math.round((Date.now() - since) / 1000)
  const finish = (): void => {
    if (current === undefined) return
    stream.write(`  ${current.name}: done in ${seconds(current.startedAt)} s\n`)
    current = undefined
  }
  return {
    step: name => {
      finish()
      current = { name, startedAt: Date.now(), told: 0 }
    },
    update: share => {
      if (current === undefined || share < current.told + 0.25 || share >= 1) return
      current.told = share
      const left = Math.round((seconds(current.startedAt) * (1 - share)) / share)
      stream.write(`  ${current.name}: ${Math.round(100 * share)} %, about ${left} s left\n`)
    },
    note: line => {
      finish()
      stream.write(`  ${line}\n`)
    },
    finish,
  }
}
