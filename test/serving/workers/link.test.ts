import { expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { ProblemError } from '../../../serving/problems.ts'
import { createLocalHub } from '../../../serving/workers/hub.ts'
import { createLink, type Link, type Serve } from '../../../serving/workers/link.ts'
import { messageSchema } from '../../../serving/workers/messages.ts'

/** Two ends that talk as processes do: later, and in copies. */
function pair(serve: Serve): { readonly asking: Link; readonly serving: Link } {
  const to =
    (end: () => Link) =>
    (message: unknown): void => {
      const copy: unknown = structuredClone(message)
      setImmediate(() => end().receive(messageSchema.parse(copy)))
    }
  const asking: Link = createLink(
    to(() => serving),
    async () => undefined,
  )
  const serving: Link = createLink(
    to(() => asking),
    serve,
  )
  return { asking, serving }
}

test('questions get their own answers, whichever is answered first', async () => {
  const { asking } = pair(async (topic, payload) => {
    if (topic === 'slow') await new Promise(resolve => setTimeout(resolve, 20))
    return [topic, payload]
  })
  const answers = ['slow', 'quick', 'slow'].map((topic, place) => asking.ask(topic, { place }, false))
  expect(await Promise.all(answers)).toEqual([
    ['slow', { place: 0 }],
    ['quick', { place: 1 }],
    ['slow', { place: 2 }],
  ])
})

test('an error comes over as what it is, and one of no known kind with its message only', async () => {
  const errors: Record<string, Error> = {
    problem: new ProblemError('invalid-request', 'no', [{ pointer: '/a', detail: 'expected b' }]),
    input: new InputError({ source: 'manifest.json', field: 'hash', found: 'x', expected: 'y', rule: 'mismatch' }),
    other: new TypeError('x is not a function'),
  }
  const { asking } = pair(async topic => {
    throw errors[topic] as Error
  })
  for (const [topic, error] of Object.entries(errors)) {
    const got = await asking.ask(topic, undefined, false).catch((caught: unknown) => caught)
    expect(got).toBeInstanceOf(topic === 'other' ? Error : error.constructor)
    expect({ ...(got as Error), message: (got as Error).message }).toMatchObject({ ...error, message: error.message })
  }
})

test('what waits for a process that ends is told so', async () => {
  const { asking } = pair(() => new Promise(() => {}))
  const waiting = asking.ask('anything', undefined, false)
  asking.end()
  await expect(waiting).rejects.toThrow('ended')
  await expect(asking.ask('more', undefined, false)).rejects.toThrow('gone')
})

test('one process is both owner and worker', async () => {
  const { owner, worker } = createLocalHub()
  const heard: unknown[] = []
  worker.listen('models', payload => heard.push(payload))
  owner.answer('double', payload => 2 * Number(payload))
  expect(await worker.ask('double', 21)).toBe(42)
  await expect(worker.ask('triple', 1)).rejects.toThrow('nobody here knows about triple')
  await owner.tellAll('models', 1)
  await worker.tellAll('models', 2)
  await worker.tellAll('weather', 3) // nobody cares
  expect(heard).toEqual([1, 2])
})
