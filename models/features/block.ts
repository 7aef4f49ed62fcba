/** Features that come row by row, in one piece of memory: a column for each would be a hundred small arrays for three rows. */

import { Categories } from '../../data/index.ts'
import type { FeatureColumn, FeatureColumns } from './evaluate.ts'
import type { Feature } from './feature.ts'

/** Features of some rows, all missing until they are set. */
export class FeatureBlock implements FeatureColumns {
  readonly features: readonly Feature[]
  readonly rows: number
  /** Shape `[feature, row]`; of a category, places in `#texts`. */
  readonly #values: Float64Array
  readonly #texts: string[] = []
  #columns: readonly FeatureColumn[] | undefined

  constructor(features: readonly Feature[], rows: number) {
    this.features = features
    this.rows = rows
    this.#values = new Float64Array(features.length * rows).fill(Number.NaN)
  }

  /** Sets a number; NaN = missing. */
  setNumber(feature: number, row: number, value: number): void {
    this.#values[feature * this.rows + row] = value
  }

  /** Sets a category. */
  setCategory(feature: number, row: number, text: string): void {
    this.#values[feature * this.rows + row] = this.#texts.push(text) - 1
  }

  /** One per feature, made when they are first asked for. */
  get columns(): readonly FeatureColumn[] {
    this.#columns ??= this.features.map(({ kind }, place): FeatureColumn => {
      const values = this.#values.subarray(place * this.rows, (place + 1) * this.rows)
      return kind === 'number' ? { kind, values } : Categories.of(Array.from(values, text => this.#texts[text] ?? null))
    })
    return this.#columns
  }

  /**
   * Joins blocks, the rows of each after those of the one before.
   *
   * @param blocks - At least one; all of the same features in the same order.
   */
  static join(blocks: readonly FeatureBlock[]): FeatureBlock {
    const [first] = blocks
    if (first === undefined) throw new Error('there are no features to join')
    if (blocks.length === 1) return first
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
    const joined = new FeatureBlock(first.features, rows)
    const to = joined.#values
    let from = 0
    for (const block of blocks) {
      const [values, here, textsBefore] = [block.#values, block.rows, joined.#texts.length]
      joined.#texts.push(...block.#texts)
      for (let feature = 0; feature < first.features.length; feature += 1) {
        const shift = (first.features[feature] as Feature).kind === 'number' ? 0 : textsBefore
        const [place, source] = [feature * rows + from, feature * here]
        for (let row = 0; row < here; row += 1) to[place + row] = (values[source + row] as number) + shift
      }
      from += here
    }
    return joined
  }
}
