/** The split drawn on a time line: training months, those whose window the test cuts short, test months and their window. */

import { formatMonth, toMonth } from '../../data/index.ts'
import type { Manifest } from '../../models/index.ts'
import { lastWholeMonth } from '../splits.ts'

const colours = { train: '#0072b2', short: '#0072b255', gap: '#9aa1ac', test: '#d55e00', window: '#d55e0055' } as const

/** An SVG time line; empty where the split knows no time. */
export function splitFigure({ data, label }: Pick<Manifest, 'data' | 'label'>): string {
  if (data.split.kind === 'folds') return ''
  const { train, test } = data.parts
  const [trainFrom, trainTo] = [toMonth(train.firstMonth), toMonth(train.lastMonth)]
  const [testFrom, testTo] = [toMonth(test.firstMonth), toMonth(test.lastMonth)]
  const lastWhole = Math.min(trainTo, lastWholeMonth(testFrom, label.horizonMonths))
  const end = testTo + label.horizonMonths
  const width = 900
  const at = (month: number): number => ((month - trainFrom) / (end - trainFrom + 1)) * width
  const bars = [
    { name: 'Training', from: trainFrom, to: lastWhole, colour: colours.train },
    lastWhole < trainTo
      ? { name: 'Window cut short', from: lastWhole + 1, to: trainTo, colour: colours.short }
      : { name: 'Gap', from: trainTo + 1, to: testFrom - 1, colour: colours.gap },
    { name: 'Test', from: testFrom, to: testTo, colour: colours.test },
    { name: 'Performance window', from: testTo + 1, to: end, colour: colours.window },
  ]
  const drawn = bars.map(
    ({ name, from, to, colour }) =>
      `<rect x="${at(from).toFixed(1)}" y="22" width="${Math.max(1, at(to + 1) - at(from) - 2).toFixed(1)}" height="20" rx="4" fill="${colour}"><title>${name}: ${formatMonth(from)} to ${formatMonth(to)}</title></rect><text x="${at(from).toFixed(1)}" y="15" font-size="13" fill="currentColor">${name}</text><text x="${at(from).toFixed(1)}" y="58" font-size="12" fill="currentColor" opacity=".7">${formatMonth(from)}</text>`,
  )
  return `<figure><div class="scroll"><svg viewBox="0 0 ${width + 60} 64" role="img" aria-label="Split on a time line" style="min-width:600px;width:100%;height:auto">${drawn.join('')}</svg></div><figcaption>As-of months of each part. Every performance window of training ends before the first test month: of the last training months only the part of it before then counts.</figcaption></figure>`
}
