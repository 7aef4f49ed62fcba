/** Encoded inputs of the training rows, which all worker threads read: in shared memory, or on disk where it is too small. */

import type { TrainingRows } from './hazard-loss.ts'
import { openSpillFile, readNumbers, type SpillFile, writeNumbers } from './spill-file.ts'

/** Bytes that inputs may take in memory: beyond that they lie on disk. */
const bytesInMemory = 1 << 29

/** Inputs on disk, row-major float32. */
export interface InputFile {
  readonly descriptor: number
}

/** Inputs being written. */
export interface InputsBuilder {
  readonly inputs: Float32Array | InputFile
  /** Writes rows, row-major, from row `first` on. */
  put(values: Float32Array, first: number): void
  /** Frees the disk. */
  close(): void
}

/** Makes room for inputs of `rows` rows. */
export function makeRoomForInputs(rows: number, width: number, atMost: number = bytesInMemory): InputsBuilder {
  const bytes = rows * width * Float32Array.BYTES_PER_ELEMENT
  if (bytes <= atMost) {
    const inputs = new Float32Array(new SharedArrayBuffer(bytes))
    return { inputs, put: (values, first) => inputs.set(values, first * width), close: () => {} }
  }
  const file: SpillFile = openSpillFile()
  return {
    inputs: { descriptor: file.descriptor },
    put: (values, first) => writeNumbers(file.descriptor, values, first * width * Float32Array.BYTES_PER_ELEMENT),
    close: file.close,
  }
}

/** Inputs of some rows, shape `[chosen row, input]`. */
export function gather({ inputs, width }: Pick<TrainingRows, 'inputs' | 'width'>, chosen: Int32Array): Float32Array {
  const batch = new Float32Array(chosen.length * width)
  if (inputs instanceof Float32Array) {
    chosen.forEach((row, place) => {
      batch.set(inputs.subarray(row * width, (row + 1) * width), place * width)
    })
    return batch
  }
  for (let first = 0; first < chosen.length; ) {
    const from = chosen[first] as number
    let end = first + 1
    while (end < chosen.length && chosen[end] === from + end - first) end += 1
    const position = from * width * Float32Array.BYTES_PER_ELEMENT
    readNumbers(inputs.descriptor, batch.subarray(first * width, end * width), position)
    first = end
  }
  return batch
}
