/** Deviation and slope over the months of a window, each given as an input, the earliest first. */

import { type Emit, op, select } from '../../wasm-code.ts'
import { type Builder, isKnown, type Lanes, missingWhere } from './lanes.ts'

/** Values of one month of the window. */
interface Month {
  /** Distance from the window's first known value, so that equal values give exactly 0 and large ones lose no digits. */
  readonly distance: Emit
  /** Its place among the account's months in the window, from 0 on. */
  readonly x: Emit
}

/** Sums over the known months, and the value made of their number and them. */
function moments(
  sums: (month: Month) => readonly Emit[],
  value: (known: Emit, sums: Emit[], build: Builder) => Emit,
): Lanes {
  return {
    compute: (months, build) => {
      const newest = months.length - 1
      const start = build.define(op('min', build.age, build.number(newest)))
      const masks = months.map(taken => build.define(isKnown(taken)))
      // from the newest back, so that in the end it is the first that is known
      const anchor = months.reduceRight((later, taken, place) => build.define(select(masks[place] ?? [], taken, later)))
      let known = build.number(0)
      let totals: Emit[] | undefined
      months.forEach((taken, place) => {
        const mask = masks[place] ?? []
        const x = op('subtract', start, build.number(newest - place))
        const month = { distance: build.define(op('subtract', taken, anchor)), x: build.define(x) }
        known = build.define(op('add', known, op('and', mask, build.number(1))))
        totals = sums(month).map((addend, index) =>
          build.define(op('add', totals?.[index] ?? build.number(0), op('and', mask, addend))),
        )
      })
      return value(known, totals ?? [], build)
    },
  }
}

/** `value` of at least `least` known months. */
const ofAtLeast = (least: number, known: Emit, value: Emit, build: Builder): Emit =>
  missingWhere(op('less', known, build.number(least)), value)

/** Sample standard deviation; rounding can leave a variance a little below 0. */
export const standardDeviation: Lanes = moments(
  ({ distance }) => [distance, op('multiply', distance, distance)],
  (known, [sum = [], squares = []], build) => {
    const apart = op('subtract', squares, op('divide', op('multiply', sum, sum), known))
    const variance = op('divide', apart, op('subtract', known, build.number(1)))
    return ofAtLeast(2, known, op('squareRoot', op('max', build.number(0), variance)), build)
  },
)

/** Slope of the least-squares line. */
export const slope: Lanes = moments(
  ({ distance, x }) => [x, op('multiply', x, x), distance, op('multiply', x, distance)],
  (known, [sumX = [], sumXx = [], sum = [], sumXd = []], build) => {
    const above = op('subtract', op('multiply', known, sumXd), op('multiply', sumX, sum))
    const below = op('subtract', op('multiply', known, sumXx), op('multiply', sumX, sumX))
    return ofAtLeast(3, known, op('divide', above, below), build)
  },
)
