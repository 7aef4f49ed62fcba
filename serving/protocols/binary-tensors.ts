/**
 * The binary tensor extension of the Open Inference Protocol: after the JSON come the tensors' bytes, little-endian, in
 * the order of the inputs; BYTES elements each with their length before them as uint32.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */

import { type FieldError, ProblemError } from '../problems.ts'
import { type Datatype, datatypes } from './open-inference-messages.ts'

/** The header that says how many bytes of a body are JSON. */
export const jsonLengthHeader = 'Inference-Header-Content-Length'

/**
 * Cuts a body into its JSON and what comes after it.
 *
 * @param header - Value of {@link jsonLengthHeader}; left out, all is JSON.
 * @throws ProblemError `bad-request` if the length isn't one that the body has, `invalid-json` if that part is none.
 */
export function splitBody(body: Buffer, header: string | undefined): { json: unknown; tensors: Buffer } {
  const length = header === undefined ? body.length : Number(header)
  if (header !== undefined && (!/^\d{1,10}$/.test(header) || length > body.length)) {
    throw new ProblemError('bad-request', `${jsonLengthHeader}: expected a number of bytes that the body has.`)
  }
  try {
    return { json: JSON.parse(body.toString('utf8', 0, length)), tensors: body.subarray(length) }
  } catch {
    throw new ProblemError('invalid-json', `The first ${length} bytes are no JSON.`)
  }
}

/**
 * Reads a tensor.
 *
 * @param count - Elements that its shape says.
 * @returns Numbers as float64 (64-bit integers beyond 2^53 are rounded), BYTES as texts.
 * @throws FieldError-like text through `fail` if the bytes aren't as many as the shape says, or BYTES are no UTF-8.
 */
export function readTensor(
  datatype: Datatype,
  bytes: Buffer,
  count: number,
  fail: (detail: string) => never,
): Float64Array | string[] {
  if (datatype === 'BYTES') return readTexts(bytes, count, fail)
  const width = datatypes[datatype]
  if (bytes.length !== count * width) fail(`expected ${count * width} bytes for ${count} of ${datatype}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = readers[datatype]
  return Float64Array.from({ length: count }, (_, place) => read(view, place * width))
}

const readers: Readonly<Record<Exclude<Datatype, 'BYTES'>, (view: DataView, at: number) => number>> = {
  BOOL: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  UINT8: (view, at) => view.getUint8(at),
  UINT16: (view, at) => view.getUint16(at, true),
  UINT32: (view, at) => view.getUint32(at, true),
  UINT64: (view, at) => Number(view.getBigUint64(at, true)),
  INT8: (view, at) => view.getInt8(at),
  INT16: (view, at) => view.getInt16(at, true),
  INT32: (view, at) => view.getInt32(at, true),
  INT64: (view, at) => Number(view.getBigInt64(at, true)),
  FP16: (view, at) => halfToNumber(view.getUint16(at, true)),
  FP32: (view, at) => view.getFloat32(at, true),
  FP64: (view, at) => view.getFloat64(at, true),
}

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function readTexts(bytes: Buffer, count: number, fail: (detail: string) => never): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const texts: string[] = []
  let at = 0
  for (let place = 0; place < count; place += 1) {
    if (at + 4 > bytes.length) fail(`expected ${count} elements of BYTES, found ${place}`)
    const length = bytes.readUInt32LE(at)
    at += 4
    if (length > bytes.length - at) fail(`element ${place}: expected ${length} bytes, found ${bytes.length - at}`)
    try {
      texts.push(decoder.decode(bytes.subarray(at, at + length)))
    } catch {
      fail(`element ${place}: expected UTF-8`)
    }
    at += length
  }
  if (at !== bytes.length) fail(`expected ${at} bytes, found ${bytes.length}`)
  return texts
}

/** Writes numbers as FP64. */
export function writeNumbers(values: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 8)
  values.forEach((value, place) => {
    bytes.writeDoubleLE(value, place * 8)
  })
  return bytes
}

/** Writes texts as BYTES. */
export function writeTexts(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap(text => {
      const bytes = Buffer.from(text, 'utf8')
      const length = Buffer.allocUnsafe(4)
      length.writeUInt32LE(bytes.length)
      return [length, bytes]
    }),
  )
}

/** One error about one part of the body. */
export function failAt(pointer: string, detail: string): never {
  const error: FieldError = { pointer, detail }
  throw new ProblemError('invalid-request', 'A tensor is not as expected.', [error])
}
