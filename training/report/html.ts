/** HTML as a value: what is interpolated is escaped unless it is HTML already. */

/** Markup that may stand in a page as it is. */
export interface Html {
  readonly markup: string
}

/** Markup from a trusted source, such as a figure that we drew. */
export function raw(markup: string): Html {
  return { markup }
}

/** A template of markup; strings and numbers in it are escaped, lists are joined. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  return {
    markup: parts.reduce((page, part, index) => page + part + (index < values.length ? text(values[index]) : ''), ''),
  }
}

/** A figure with its caption. */
export async function figure(caption: string, svg: Promise<string>): Promise<Html> {
  return html`<figure>${raw(await svg)}<figcaption>${caption}</figcaption></figure>`
}

/** Figures one after another. */
export async function together(figures: readonly Promise<Html>[]): Promise<Html> {
  return { markup: (await Promise.all(figures)).map(({ markup }) => markup).join('\n') }
}

/** A number, or a dash where there is none. */
export function number(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits)
}

/** A share in percent, or a dash where there is none. */
export function percent(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : `${(100 * value).toFixed(digits)} %`
}

function text(value: string | number | Html | readonly Html[] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'string') return escapeHtml(String(value))
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('')
}

function escapeHtml(plain: string): string {
  return plain.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
