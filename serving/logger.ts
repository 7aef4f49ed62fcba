/** The server’s own log: JSON lines, without credentials. */

import { type DestinationStream, type Logger, pino } from 'pino'

/** Where a key or token could stand if somebody logged a request or an error of a client whole. */
const secretHeaders = ['authorization', 'x-api-key', 'proxy-authorization', 'cookie']
const holders = ['headers', 'req.headers', 'request.headers', 'err.config.headers', 'err.request.headers']

const redact = {
  paths: holders.flatMap(holder => secretHeaders.map(header => `${holder}["${header}"]`)),
  censor: '[secret]',
}

/**
 * Makes the log.
 *
 * @param to - Where its lines go; left out, standard output.
 */
export function createLogger(level: string, to: DestinationStream = standardOutput()): Logger {
  return pino({ level, redact }, to)
}

type Output = DestinationStream & { flushSync(): void }

let known: Output | undefined

/** Standard output, one for all loggers of the process. */
function standardOutput(): Output {
  known ??= gatheredOutput()
  return known
}

/** Standard output, to which the lines of one turn of the event loop go with one system call; the end waits for them. */
function gatheredOutput(): Output {
  const output = pino.destination({ dest: 1, sync: true })
  let lines = ''
  const flushSync = (): void => {
    if (lines === '') return
    output.write(lines)
    lines = ''
  }
  process.on('exit', flushSync)
  return {
    write: line => {
      if (lines === '') setImmediate(flushSync)
      lines += line
    },
    flushSync, // pino asks for it after a fatal line
  }
}
