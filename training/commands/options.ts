/** Options that several commands share, parsed and refused with a clear message. */

import { InvalidArgumentError, Option } from 'commander'
import { modelsFolder } from '../../models/index.ts'

/** Parses a whole number in a range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`)
    }
    return value
  }
}

/** `--json`: machines read standard output. */
export function jsonOption(): Option {
  return new Option('--json', 'print the result as one line of JSON, last on standard output')
}

/** `--models`: the registry's folder. */
export function modelsOption(): Option {
  return new Option('--models <folder>', 'folder of the registry (HARBINGER_MODELS)').default(
    modelsFolder(),
    'models/saved',
  )
}

/** `--features`: features of one's own beside the catalogue. */
export function featuresOption(): Option {
  return new Option('--features <file>', 'file of your own features, TypeScript, JavaScript or JSON')
}

/** `--seed`: same seed, same result. */
export function seedOption(): Option {
  return new Option('--seed <number>', 'seed of everything random').argParser(wholeNumber(0, 2 ** 31)).default(1)
}
