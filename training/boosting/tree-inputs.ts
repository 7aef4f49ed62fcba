/** Which inputs of an encoding trees may ask about. */

import { type Encoding, encodedWidth } from '../../models/index.ts'

/**
 * Every input but the standardised numbers: their order is that of the rank-normal inputs, and trees see order alone.
 *
 * @returns Ascending, shape `[candidate]`.
 */
export function treeInputs(encoding: Pick<Encoding, 'features'>): Int32Array {
  const found: number[] = []
  let first = 0
  for (const feature of encoding.features) {
    const width = encodedWidth(feature)
    for (let place = feature.kind === 'number' ? 1 : 0; place < width; place += 1) found.push(first + place)
    first += width
  }
  return Int32Array.from(found)
}
