/** Figures of a portfolio: matrices, lines over time, and bars of shares. */

import { renderFigure } from './render.ts'

/** A matrix of shares, darker where more; shape `[from][to]`, each in [0, 1] or null where there is nothing. */
export function matrixFigure(
  title: string,
  axes: { readonly from: string; readonly to: string },
  from: readonly string[],
  to: readonly string[],
  shares: readonly (readonly (number | null)[])[],
): Promise<string> {
  const values = from.flatMap((row, place) =>
    to.map((column, other) => ({ row, column, share: shares[place]?.[other] ?? null })),
  )
  const x = {
    field: 'column',
    type: 'nominal',
    sort: null,
    title: axes.to,
    axis: { orient: 'top', labelAngle: 0 },
  } as const
  const y = { field: 'row', type: 'nominal', sort: null, title: axes.from } as const
  return renderFigure(title, {
    width: 520,
    height: { step: 26 },
    data: { values: values.filter(({ share }) => share !== null) },
    layer: [
      {
        mark: { type: 'rect', cornerRadius: 2 },
        encoding: {
          x,
          y,
          color: {
            field: 'share',
            type: 'quantitative',
            // small shares matter most here: the scale is of the root
            scale: { type: 'sqrt', domain: [0, 1], range: ['#eef3f8', '#0072b2'] },
            legend: null,
          },
        },
      },
      {
        transform: [{ filter: 'datum.share >= 0.0005' }],
        mark: { type: 'text', fontSize: 10.5 },
        encoding: {
          x,
          y,
          text: { field: 'share', type: 'quantitative', format: '.1%' },
          color: { condition: { test: 'datum.share > 0.3', value: '#fff' }, value: '#16202c' },
        },
      },
    ],
  })
}

/** A named line. */
export interface DrawnLine {
  readonly name: string
  readonly points: readonly { readonly x: number | string; readonly y: number }[]
}

/**
 * Lines over an ordered axis, such as vintages over months on book.
 *
 * @param kind - `months` are labels in order, `number` a quantity.
 */
export function linesFigure(
  title: string,
  axes: { readonly x: string; readonly y: string; readonly kind: 'months' | 'number' },
  lines: readonly DrawnLine[],
): Promise<string> {
  const values = lines.flatMap(({ name, points }) => points.map(point => ({ name, ...point })))
  const many = lines.length > 5
  const x =
    axes.kind === 'months'
      ? { field: 'x', type: 'ordinal', title: axes.x, axis: { labelAngle: -40, labelOverlap: 'greedy' } }
      : { field: 'x', type: 'quantitative', title: axes.x, axis: { tickMinStep: 1, grid: false } }
  return renderFigure(title, {
    data: { values },
    mark: { type: 'line', strokeWidth: many ? 1.6 : 2.2 },
    encoding: {
      x,
      y: { field: 'y', type: 'quantitative', title: axes.y, axis: { format: '~%' }, scale: { zero: true } },
      color: {
        field: 'name',
        type: many ? 'ordinal' : 'nominal',
        sort: null,
        ...(many ? { scale: { scheme: 'viridis' } } : {}),
        legend: { columns: many ? 4 : 3, symbolLimit: 40 },
      },
    },
  } as Parameters<typeof renderFigure>[1])
}

/** Bars of shares in groups side by side, such as a rate by bucket for counts and amounts. */
export function groupedBarFigure(
  title: string,
  axes: { readonly x: string; readonly y: string },
  bars: readonly { readonly group: string; readonly series: string; readonly share: number }[],
): Promise<string> {
  return renderFigure(title, {
    data: { values: bars },
    mark: { type: 'bar', cornerRadiusEnd: 2 },
    encoding: {
      x: { field: 'group', type: 'nominal', sort: null, title: axes.x, axis: { labelAngle: 0 } },
      xOffset: { field: 'series', sort: null },
      y: { field: 'share', type: 'quantitative', title: axes.y, axis: { format: '~%' } },
      color: { field: 'series', type: 'nominal', sort: null, legend: { labelLimit: 300 } },
    },
  })
}
