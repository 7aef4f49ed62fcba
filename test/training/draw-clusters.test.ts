import { expect, test } from 'vitest'
import { random } from '../../data/index.ts'
import { clusterDraws } from '../../training/draw-clusters.ts'

test('rows of a cluster are drawn together, as many clusters as there are', () => {
  const cluster = [4, 4, 9, 2, 9, 4]
  const draw = clusterDraws(cluster, random(1, 'clusters'))
  const mean = new Float64Array(3)
  for (let sample = 0; sample < 3000; sample += 1) {
    const [four, alsoFour, nine, two, alsoNine, thirdFour] = draw()
    expect([alsoFour, thirdFour, alsoNine]).toEqual([four, four, nine])
    expect(four! + nine! + two!).toBe(3)
    for (const [place, times] of [four!, nine!, two!].entries()) mean[place]! += times / 3000
  }
  // Each is drawn Binomial(3, 1/3) times: once on average, with a standard error of √(2/3 / 3000) = 0.015.
  for (const times of mean) expect(Math.abs(times - 1)).toBeLessThan(0.06)
})
