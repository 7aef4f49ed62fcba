/** Requests as bytes, which fetch would tidy up or refuse to send. */

import { connect } from 'node:net'

/** Sends bytes, and reads the answer until the server closes; it ends after 5 s at the latest. */
export function rawRequest(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text))
    socket.on('data', chunk => {
      answer += String(chunk)
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
    socket.setTimeout(5000, () => socket.destroy())
  })
}

/** How a request without a body is sent; its host is `localhost` unless said otherwise. */
export interface RawOptions {
  readonly method?: string
  readonly host?: string
}

/** Sends a request line and headers as they are, without a body. */
export function rawGet(
  url: string,
  path: string,
  headers: readonly string[] = [],
  { method = 'GET', host = 'localhost' }: RawOptions = {},
): Promise<string> {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...headers, 'Connection: close']
  return rawRequest(url, `${lines.join('\r\n')}\r\n\r\n`)
}

/** Status of an answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
}
