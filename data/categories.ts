/** Columns of categories as numbers of their texts: a text per row would cost a pointer to follow and to collect each. */

/** The code of a row without a category. */
export const noCategory = -1

/** A column of categories, encoded by a dictionary as in Apache Arrow. */
export class Categories {
  readonly kind = 'category'
  /** Place of each row's text in `texts`, {@link noCategory} where it is missing; shape `[row]`. */
  readonly codes: Int32Array
  /** Different texts; some may be of no row. */
  readonly texts: readonly string[]
  #values: readonly (string | null)[] | undefined

  constructor(codes: Int32Array, texts: readonly string[]) {
    this.codes = codes
    this.texts = texts
  }

  /** Encodes texts. */
  static of(values: readonly (string | null)[]): Categories {
    const filler = new CategoryFiller(values.length)
    values.forEach((value, row) => {
      filler.set(row, value)
    })
    return filler.built(values.length)
  }

  /** The text of a row; null = missing. */
  at(row: number): string | null {
    return this.texts[this.codes[row] ?? noCategory] ?? null
  }

  /** All rows' texts, made when first asked for; null = missing. Shape `[row]`. */
  get values(): readonly (string | null)[] {
    this.#values ??= Array.from(this.codes, code => this.texts[code] ?? null)
    return this.#values
  }

  /** How many rows have none. */
  get missing(): number {
    return this.codes.reduce((count, code) => count + (code === noCategory ? 1 : 0), 0)
  }

  /** How many rows have each text, shape `[text]`. */
  counts(): Int32Array {
    const counts = new Int32Array(this.texts.length)
    for (const code of this.codes) if (code !== noCategory) counts[code] = (counts[code] as number) + 1
    return counts
  }
}

/** Different texts that a filler keeps from one use to the next: anybody may bring new ones. */
const textsKept = 4096

/** Fills a column of categories in place. */
export class CategoryFiller {
  #codes: Int32Array
  #texts: string[] = []
  #codeOf = new Map<string, number>()
  #foreign: { readonly texts: readonly string[]; readonly codes: Int32Array } | undefined

  /** @param rows - Rows that there is room for, all missing. */
  constructor(rows: number) {
    this.#codes = new Int32Array(rows).fill(noCategory)
  }

  /** Sets a row's category; null = missing. */
  set(row: number, text: string | null): void {
    this.#codes[row] = text === null ? noCategory : this.#code(text)
  }

  /** Sets rows from `at` on to places in a list of texts; NaN = missing. */
  setAll(at: number, places: Float64Array, texts: readonly string[]): void {
    if (this.#foreign?.texts !== texts)
      this.#foreign = { texts, codes: Int32Array.from(texts, text => this.#code(text)) }
    const { codes } = this.#foreign
    for (let row = 0; row < places.length; row += 1) {
      const place = places[row] as number
      this.#codes[at + row] = Number.isNaN(place) ? noCategory : (codes[place] as number)
    }
  }

  /** Makes room for more rows. */
  grow(rows: number): void {
    const codes = new Int32Array(rows).fill(noCategory)
    codes.set(this.#codes)
    this.#codes = codes
  }

  /** Makes the first rows missing again; what was built of them is no longer valid. */
  clear(rows: number): void {
    this.#codes.fill(noCategory, 0, rows)
    if (this.#texts.length <= textsKept) return
    this.#texts = []
    this.#codeOf = new Map()
    this.#foreign = undefined
  }

  /** The first rows. */
  built(rows: number): Categories {
    return new Categories(this.#codes.subarray(0, rows), this.#texts)
  }

  #code(text: string): number {
    const known = this.#codeOf.get(text)
    if (known !== undefined) return known
    this.#codeOf.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }
}
