/** Answers that are JSON already, or are nothing else. */

import type { ServerResponse } from 'node:http'

/** Sends JSON as it is: Express's own way looks at each answer for what only others need. */
export function sendJson(response: ServerResponse, json: Buffer | string): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.end(json)
}
