/** The curves of a scorecard report: ROC, KS, calibration, capture, PD by horizon, and figures over months and epochs. */

import { type CalibrationBin, calibrationCurve, rocCurve } from '../metrics/index.ts'
import { colours, renderFigure } from './render.ts'

/** Scores of one model, to draw. */
export interface DrawnScores {
  readonly name: string
  /** In [0, 1], shape `[row]`. */
  readonly pd: Float64Array
  /** 1 or 0; same length. */
  readonly events: Uint8Array
}

const share = { type: 'quantitative', scale: { domain: [0, 1] }, axis: { format: '%' } } as const

/** ROC curves. Throws InputError if a class is empty. */
export function rocFigure(models: readonly DrawnScores[]): Promise<string> {
  const values = models.flatMap(({ name, pd, events }) =>
    rocCurve(pd, events).map(point => ({ model: name, x: point.falsePositiveRate, y: point.truePositiveRate })),
  )
  return renderFigure('ROC curve', {
    layer: [
      diagonal,
      {
        data: { values },
        mark: { type: 'line', interpolate: 'linear' },
        encoding: {
          x: { field: 'x', title: 'Share of non-events warned', ...share },
          y: { field: 'y', title: 'Share of events warned', ...share },
          color: { field: 'model', type: 'nominal', sort: null },
          order: { field: 'x' },
        },
      },
    ],
  })
}

/** Cumulative distributions of events and non-events over the score's percentile; their gap is the KS distance. */
export function ksFigure({ pd, events }: DrawnScores): Promise<string> {
  const values = rocCurve(pd, events).flatMap(point => [
    { class: 'Events', x: point.rowShare, y: point.truePositiveRate },
    { class: 'Non-events', x: point.rowShare, y: point.falsePositiveRate },
  ])
  return renderFigure('Kolmogorov–Smirnov plot', {
    data: { values },
    mark: 'line',
    encoding: {
      x: { field: 'x', title: 'Share of rows, riskiest first', ...share },
      y: { field: 'y', title: 'Cumulative share', ...share },
      color: {
        field: 'class',
        type: 'nominal',
        sort: ['Events', 'Non-events'],
        scale: { range: [colours.orange, colours.blue] },
      },
      order: { field: 'x' },
    },
  })
}

/** Share of events captured by share of rows warned. */
export function captureFigure(models: readonly DrawnScores[]): Promise<string> {
  const values = models.flatMap(({ name, pd, events }) =>
    rocCurve(pd, events).map(point => ({ model: name, x: point.rowShare, y: point.truePositiveRate })),
  )
  return renderFigure('Capture curve', {
    layer: [
      diagonal,
      {
        data: { values },
        mark: 'line',
        encoding: {
          x: { field: 'x', title: 'Share of rows warned, riskiest first', ...share },
          y: { field: 'y', title: 'Share of events captured', ...share },
          color: { field: 'model', type: 'nominal', sort: null },
          order: { field: 'x' },
        },
      },
    ],
  })
}

/** Event rate against mean probability in ten bins of equal count, with 95 % intervals, on logarithmic axes. */
export function calibrationFigure({ pd, events }: DrawnScores): Promise<string> {
  const values = calibrationCurve(pd, events, 10)
    .filter(bin => bin.eventRate > 0 && bin.meanPd > 0)
    .map(bin => ({ ...bin, ...wilson(bin) }))
  const ends = values.flatMap(({ meanPd, low, high }) => [meanPd, Math.max(low, 1e-5), high])
  const domain = [Math.min(...ends) * 0.8, Math.min(1, Math.max(...ends) * 1.2)]
  const axis = { type: 'quantitative', scale: { type: 'log', domain }, axis: { format: '~%', tickCount: 5 } } as const
  return renderFigure('Calibration curve', {
    layer: [
      {
        data: { values: domain.map(x => ({ x, y: x })) },
        mark: { type: 'line', strokeDash: [4, 4], color: colours.grey, strokeWidth: 1 },
        encoding: { x: { field: 'x', ...axis }, y: { field: 'y', ...axis } },
      },
      {
        data: { values },
        mark: { type: 'rule', color: colours.blue },
        encoding: {
          x: { field: 'meanPd', title: 'Mean probability', ...axis },
          y: { field: 'low', title: 'Share with the event', ...axis },
          y2: { field: 'high' },
        },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 60, color: colours.blue, opacity: 1 },
        encoding: { x: { field: 'meanPd', ...axis }, y: { field: 'eventRate', ...axis } },
      },
    ],
  })
}

/** Distribution of the score, events and non-events apart. */
export function histogramFigure({ pd, events }: DrawnScores): Promise<string> {
  const bins = 40
  const low = Math.log10(1e-4)
  const counts = { 0: new Array<number>(bins).fill(0), 1: new Array<number>(bins).fill(0) }
  const totals = { 0: 0, 1: 0 }
  pd.forEach((value, row) => {
    const event = events[row] === 1 ? 1 : 0
    const at = Math.floor((bins * (Math.log10(Math.max(1e-4, value)) - low)) / -low)
    const bin = Math.max(0, Math.min(bins - 1, at))
    counts[event][bin] = (counts[event][bin] as number) + 1
    totals[event] += 1
  })
  const values = ([0, 1] as const).flatMap(event =>
    counts[event].map((count, bin) => ({
      class: event === 1 ? 'Events' : 'Non-events',
      x: 10 ** (low + ((bin + 0.5) / bins) * -low),
      y: totals[event] === 0 ? 0 : count / totals[event],
    })),
  )
  return renderFigure('Score distribution', {
    data: { values },
    mark: { type: 'area', opacity: 0.35, line: true, interpolate: 'monotone' },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: 'PD',
        scale: { type: 'log', domain: [1e-4, 1] },
        axis: { format: '~%', tickCount: 5 },
      },
      y: { field: 'y', type: 'quantitative', title: 'Share of the class', stack: null, axis: { format: '%' } },
      color: {
        field: 'class',
        type: 'nominal',
        sort: ['Events', 'Non-events'],
        scale: { range: [colours.orange, colours.blue] },
      },
    },
  })
}

/** Mean PD against the share with the event, by horizon. */
export function horizonFigure(
  points: readonly { readonly months: number; readonly meanPd: number; readonly baseRate: number }[],
): Promise<string> {
  const values = points.flatMap(({ months, meanPd, baseRate }) => [
    { series: 'Predicted', months, y: meanPd },
    { series: 'Observed', months, y: baseRate },
  ])
  return renderFigure('Mean PD and observed event rate by horizon', {
    data: { values },
    mark: { type: 'line', point: { size: 60, filled: true } },
    encoding: {
      x: { field: 'months', type: 'ordinal', title: 'Months ahead', axis: { labelAngle: 0 } },
      y: {
        field: 'y',
        type: 'quantitative',
        title: 'Share of accounts',
        axis: { format: '.1%' },
        scale: { zero: true },
      },
      color: { field: 'series', type: 'nominal', sort: ['Predicted', 'Observed'] },
    },
  })
}

/** A figure by as-of month, such as AUC. */
export function timeFigure(
  title: string,
  points: readonly { readonly month: string; readonly value: number; readonly low: number; readonly high: number }[],
): Promise<string> {
  const y = { type: 'quantitative', scale: { zero: false }, title } as const
  const x = { field: 'month', type: 'ordinal', title: 'As-of month', axis: { labelAngle: -40 } } as const
  return renderFigure(`${title} by month`, {
    data: { values: points },
    layer: [
      { mark: { type: 'rule', color: colours.sky }, encoding: { x, y: { field: 'low', ...y }, y2: { field: 'high' } } },
      {
        mark: { type: 'line', point: { filled: true, size: 60 }, color: colours.blue },
        encoding: { x, y: { field: 'value', ...y } },
      },
    ],
  })
}

/** Validation loss by epoch, one line per member. */
export function learningFigure(
  curves: readonly (readonly {
    readonly epoch: number
    readonly trainLoss: number
    readonly validationLoss: number
  }[])[],
): Promise<string> {
  const values = curves.flatMap((curve, member) =>
    curve.flatMap(({ epoch, trainLoss, validationLoss }) => [
      { member, epoch, series: 'Training', loss: trainLoss },
      { member, epoch, series: 'Validation', loss: validationLoss },
    ]),
  )
  return renderFigure('Learning curves', {
    data: { values },
    mark: { type: 'line', opacity: 0.8, strokeWidth: 1.5 },
    encoding: {
      x: { field: 'epoch', type: 'quantitative', title: 'Epoch', axis: { tickMinStep: 1 } },
      y: { field: 'loss', type: 'quantitative', title: 'Negative log-likelihood', scale: { zero: false } },
      color: { field: 'series', type: 'nominal', sort: ['Validation', 'Training'] },
      detail: { field: 'member' },
    },
  })
}

/** Horizontal bars, the longest first, such as feature importance; or a histogram where `sorted` is false. */
export function barFigure(
  title: string,
  axis: string,
  bars: readonly { readonly name: string; readonly value: number }[],
): Promise<string> {
  return renderFigure(title, {
    height: { step: 20 },
    width: 340,
    data: { values: bars },
    mark: { type: 'bar', color: colours.blue, cornerRadiusEnd: 3 },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: 280 } },
      x: { field: 'value', type: 'quantitative', title: axis },
    },
  })
}

const diagonal = {
  data: {
    values: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  },
  mark: { type: 'line', strokeDash: [4, 4], color: colours.grey, strokeWidth: 1 },
  encoding: { x: { field: 'x', ...share }, y: { field: 'y', ...share } },
} as const

/** 95 % interval of a share. @see Wilson (1927), Probable inference, the law of succession, and statistical inference */
function wilson({ rows, eventRate }: CalibrationBin): { readonly low: number; readonly high: number } {
  const z = 1.959964
  const middle = (eventRate + (z * z) / (2 * rows)) / (1 + (z * z) / rows)
  const half =
    (z / (1 + (z * z) / rows)) * Math.sqrt((eventRate * (1 - eventRate)) / rows + (z * z) / (4 * rows * rows))
  return { low: Math.max(1e-6, middle - half), high: middle + half }
}
