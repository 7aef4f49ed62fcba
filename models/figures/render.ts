/** Draws a Vega-Lite specification as an SVG that fits its column and follows the page's colours. */

import type { TopLevelSpec } from 'vega-lite'

/** Colours that colour-blind people tell apart (Okabe & Ito 2008). */
export const colours = {
  blue: '#0072b2',
  orange: '#d55e00',
  green: '#009e73',
  grey: '#7f8794',
  sky: '#56b4e9',
} as const

/** What a figure needs besides its data and marks. */
export type FigureSpec = Omit<TopLevelSpec, '$schema' | 'config' | 'background'> & Record<string, unknown>

const config = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: 'transparent' },
  axis: {
    labelColor: '#6b7280',
    titleColor: '#6b7280',
    gridColor: '#d4d8df55',
    domainColor: '#9aa1ac',
    tickColor: '#9aa1ac',
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: {
    labelColor: '#6b7280',
    titleColor: '#6b7280',
    orient: 'top',
    title: null,
    labelFontSize: 12,
    symbolStrokeWidth: 2.5,
  },
  line: { strokeWidth: 2.2 },
  range: { category: [colours.blue, colours.orange, colours.green, colours.grey, colours.sky] },
} as const

/**
 * Renders a figure.
 *
 * @param title - Read out by screen readers.
 * @returns An `<svg>` element that scales to the width it is given.
 */
export async function renderFigure(title: string, spec: FigureSpec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')])
  const sized = { width: 440, height: 280, ...spec, config } as unknown as TopLevelSpec
  const view = new vega.View(vega.parse(compile(sized).spec), { renderer: 'none', logLevel: vega.Error })
  try {
    const svg = await view.toSVG()
    const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? []
    return svg.replace(
      /<svg [^>]*>/,
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}" style="width:100%;height:auto;max-width:${width}px">`,
    )
  } finally {
    view.finalize()
  }
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
