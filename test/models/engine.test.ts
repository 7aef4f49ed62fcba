import { expect, test } from 'vitest'
import { loadEngine } from '../../models/index.ts'

test('the default engine is WebAssembly, and its line says how to get the native one', async () => {
  const { name, says, tf } = await loadEngine()
  expect(name).toBe('wasm')
  expect(tf.getBackend()).toBe('wasm')
  expect(says).toContain('npm install @tensorflow/tfjs-node')
})

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])('a product with transposes (%s, %s) equals the one worked in doubles', async (left, right) => {
  const { tf } = await loadEngine()
  const [rows, inner, columns] = [7, 33, 5]
  const at = (i: number, j: number): number => Math.sin(3 * i + 7 * j)
  const a = Array.from({ length: rows }, (_, i) => Array.from({ length: inner }, (_, j) => at(i, j)))
  const b = Array.from({ length: inner }, (_, i) => Array.from({ length: columns }, (_, j) => at(j, i + 11)))
  const turn = (m: number[][]): number[][] => m[0]!.map((_, j) => m.map(row => row[j]!))
  const product = tf.tidy(() =>
    tf.matMul(tf.tensor2d(left ? turn(a) : a), tf.tensor2d(right ? turn(b) : b), left, right).arraySync(),
  ) as number[][]
  product.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(value).toBeCloseTo(
        a[i]!.reduce((sum, x, k) => sum + x * b[k]![j]!, 0),
        4,
      )
    })
  })
})

test('a sum over the leading axis equals the one worked in doubles, and leaves no tensor behind', async () => {
  const { tf } = await loadEngine()
  const x = tf.tensor2d(Array.from({ length: 12 }, (_, i) => Array.from({ length: 3 }, (_, j) => i * (j + 1))))
  tf.tidy(() => tf.sum(x, 0).dataSync())
  const before = tf.memory().numTensors
  expect([...tf.tidy(() => tf.sum(x, 0).dataSync())]).toEqual([66, 132, 198]) // 0 + 1 + … + 11 = 66
  expect([...tf.tidy(() => tf.sum(x, 1).dataSync())].slice(0, 3)).toEqual([0, 6, 12])
  expect(tf.tidy(() => tf.sum(x).dataSync())[0]).toBe(396)
  expect(tf.memory().numTensors).toBe(before)
})
