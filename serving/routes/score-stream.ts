/** `POST /v1/scores/batch` with NDJSON: a whole book streamed through, a line per borrower, in constant memory. */

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import type { Request, RequestHandler, Response } from 'express'
import { logAnswers } from '../log-answers.ts'
import { ProblemError, problemDocument } from '../problems.ts'
import { type Line, readLines } from '../read-lines.ts'
import { requestIdOf } from '../request-id.ts'
import type { IdentifiedRequest } from '../score.ts'
import type { Scorer } from '../scorer.ts'
import type { DecisionLog } from '../store/decision-log.ts'
import { callerOf, identified } from './identified.ts'

/** What the lines are. */
export const ndjson = 'application/x-ndjson'

/** Lines scored together: enough for one matrix product to pay, few enough for memory. */
const linesTogether = 64

/** How long lines wait for a server that is too busy, and how often. */
const retry = { everyMs: 250, times: 40 }

/**
 * Answers each line with a line, in order: `{"row":…,"score":…}` or `{"row":…,"problem":…}`; rows count from 1.
 *
 * Answers flow while lines still come, and reading waits where the client doesn't read: it must do both at once.
 */
export function streamScores(scorer: Scorer, log: DecisionLog, lineLimitBytes: number): RequestHandler {
  return async (request: Request, response: Response) => {
    const bytes = decoded(request)
    response.setHeader('Content-Type', ndjson)
    response.flushHeaders()
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      let row = 0
      let together: { row: number; line: Line }[] = []
      const flush = async (): Promise<void> => {
        const lines = await answerLines(response, scorer, log, together, gone.signal)
        together = []
        if (lines !== '' && !response.write(lines)) await once(response, 'drain', { signal: gone.signal })
      }
      for await (const line of readLines(bytes, lineLimitBytes)) {
        if ('text' in line && line.text.trim() === '') continue
        row += 1
        together.push({ row, line })
        if (together.length === linesTogether) await flush()
      }
      await flush()
      response.end()
    } catch (error) {
      // The status has been sent: an answer that ends early is how the client learns of it.
      response.destroy()
      if (!gone.signal.aborted && !isBadBody(error)) throw error
    }
  }
}

function decoded(request: Request): AsyncIterable<Uint8Array> {
  const encoding = request.get('content-encoding') ?? 'identity'
  if (encoding === 'identity') return request
  if (encoding !== 'gzip') throw new ProblemError('unsupported-media-type', 'Send lines as they are, or gzipped.')
  const gunzip = createGunzip()
  request.on('error', error => gunzip.destroy(error))
  return request.pipe(gunzip)
}

/** A body that is cut or no gzip is the client's fault. */
function isBadBody(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('Z_') || code === 'ECONNRESET' || code === 'ABORT_ERR' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

async function answerLines(
  response: Response,
  scorer: Scorer,
  log: DecisionLog,
  lines: readonly { row: number; line: Line }[],
  signal: AbortSignal,
): Promise<string> {
  const requestId = requestIdOf(response)
  const answers = new Array<string>(lines.length)
  const refuse = (place: number, error: unknown): void => {
    if (!(error instanceof ProblemError)) throw error
    const { row } = lines[place] as { row: number }
    answers[place] = JSON.stringify({ row, problem: problemDocument(error, `${requestId}/${row}`) })
  }
  const asked: IdentifiedRequest[] = []
  const sources: Buffer[] = []
  const places: number[] = []
  lines.forEach(({ row, line }, place) => {
    try {
      asked.push(identified(`${requestId}/${row}`, bodyOfLine(line)))
      if ('text' in line) sources.push(Buffer.from(line.text))
      places.push(place)
    } catch (error) {
      refuse(place, error)
    }
  })
  try {
    const scores = await patiently(() => scorer.score(asked), signal)
    const answered = scores.map((answer, index) => ({
      asked: asked[index] as IdentifiedRequest,
      answer,
      source: sources[index],
    }))
    const texts = await logAnswers(log, { caller: callerOf(response), route: '/v1/scores/batch' }, answered)
    texts.forEach((text, index) => {
      const place = places[index] as number
      answers[place] = `{"row":${lines[place]?.row},"score":${text}}`
    })
  } catch (error) {
    for (const place of places) refuse(place, error)
  }
  return answers.map(answer => `${answer}\n`).join('')
}

function bodyOfLine(line: Line): unknown {
  if ('tooLong' in line) throw new ProblemError('body-too-large', 'The line is longer than HARBINGER_BODY_LIMIT.')
  try {
    return JSON.parse(line.text) as unknown
  } catch {
    throw new ProblemError('invalid-json', 'The line is not valid JSON.')
  }
}

/** A night's job can wait where a client at the counter can't. */
async function patiently<T>(score: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await score()
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== 'too-busy' || attempt === retry.times) throw error
      await sleep(retry.everyMs, undefined, { signal })
    }
  }
}
