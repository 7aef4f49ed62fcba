import { expect, test } from 'vitest'
import { Categories, CategoryFiller } from '../../data/index.ts'

test('categories are their texts again, and are counted', () => {
  const categories = Categories.of(['card', null, 'loan', 'card'])
  expect(categories.values).toEqual(['card', null, 'loan', 'card'])
  expect([0, 1, 2, 3, 4].map(row => categories.at(row))).toEqual(['card', null, 'loan', 'card', null])
  expect(categories.texts).toEqual(['card', 'loan'])
  expect([...categories.codes]).toEqual([0, -1, 1, 0])
  expect([...categories.counts()]).toEqual([2, 1])
})

test('a filler takes texts one by one and from other lists, grows and is cleared', () => {
  const filler = new CategoryFiller(2)
  filler.set(1, 'loan')
  filler.grow(6)
  filler.setAll(2, Float64Array.of(1, 0, Number.NaN), ['loan', 'card'])
  filler.setAll(5, Float64Array.of(0), ['lease'])
  expect(filler.built(6).values).toEqual([null, 'loan', 'card', 'loan', null, 'lease'])
  filler.set(2, null)
  expect(filler.built(3).values).toEqual([null, 'loan', null])
  filler.clear(6)
  expect(filler.built(6).values).toEqual([null, null, null, null, null, null])
})

test('a filler used again and again doesn’t keep every text that it was ever given', () => {
  const filler = new CategoryFiller(1)
  const list = ['from a list']
  for (let use = 0; use < 10_000; use += 1) {
    filler.set(0, `text ${use}`)
    const built = filler.built(1)
    expect(built.at(0)).toBe(`text ${use}`)
    expect(built.texts.length).toBeLessThan(5000)
    filler.setAll(0, Float64Array.of(0), list)
    expect(filler.built(1).at(0)).toBe('from a list')
    filler.clear(1)
  }
})
