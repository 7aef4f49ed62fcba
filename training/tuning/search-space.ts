/** What tuning may choose from: declared as data, and drawn from by a seed. */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError, random } from '../../data/index.ts'
import { defaultHyperparameters, type Hyperparameters } from '../profiles.ts'

const interval = (schema: z.ZodNumber) =>
  z.tuple([schema, schema]).refine(([low, high]) => low <= high, 'the lower bound first')

/** A search space as a JSON file declares it. */
const searchSpaceSchema = z.strictObject({
  /** Units of the hidden layers to choose from. */
  hidden: z.array(z.array(z.int().min(1).max(1024)).min(1).max(4)).min(1),
  /** Bounds of the share dropped; drawn evenly. */
  dropout: interval(z.number().min(0).max(0.9)),
  /** Bounds of the factor to the learning rate; drawn evenly on a log scale. */
  learningRateFactor: interval(z.number().min(0.01).max(100)),
  /** Bounds of the weight decay; drawn evenly on a log scale. */
  weightDecay: interval(z.number().min(1e-6).max(10)),
})

/** A search space. */
export type SearchSpace = z.infer<typeof searchSpaceSchema>

/** Around what was best on published data. */
export const defaultSearchSpace: SearchSpace = {
  hidden: [
    [128, 32],
    [256, 64],
    [512, 64],
    [256, 128],
  ],
  dropout: [0.1, 0.5],
  learningRateFactor: [0.4, 3],
  weightDecay: [0.005, 0.5],
}

/**
 * Reads a search space from a file.
 *
 * @throws InputError naming file and field of what is amiss.
 */
export function readSearchSpace(file: string): SearchSpace {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new InputError({
      source: file,
      found: error instanceof Error ? error.message : String(error),
      expected: 'JSON',
    })
  }
  const parsed = searchSpaceSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new InputError(
    parsed.error.issues.map(issue => ({ source: file, field: issue.path.join('.'), expected: issue.message })),
  )
}

/** The trial of a number: the defaults first, then draws; the same seed and number give the same trial. */
export function drawTrial(space: SearchSpace, seed: number, number: number): Hyperparameters {
  if (number === 0) return defaultHyperparameters
  const source = random(seed, 'tuning', number)
  const even = ([low, high]: readonly [number, number]): number => low + (high - low) * source.uniform()
  const onLogScale = ([low, high]: readonly [number, number]): number => Math.exp(even([Math.log(low), Math.log(high)]))
  return {
    hidden: space.hidden[source.integer(space.hidden.length)] ?? defaultHyperparameters.hidden,
    dropout: even(space.dropout),
    learningRateFactor: onLogScale(space.learningRateFactor),
    weightDecay: onLogScale(space.weightDecay),
  }
}
