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
export function createLogger(level: string, to?: DestinationStream): Logger {
  return to === undefined ? pino({ level, redact }) : pino({ level, redact }, to)
}
