/** API keys: `hbg_<id>_<secret>`. The id is no secret and names the key in logs; only a hash of the secret is kept. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Bytes of randomness. */
const idBytes = 8
const secretBytes = 32

/** Hexadecimal, so that a key has no character that a shell, a header or a double click trips over. */
const form = /^hbg_([0-9a-f]{16})_([0-9a-f]{64})$/

/** The parts of a key. */
export interface ApiKey {
  readonly id: string
  readonly secret: string
}

/** Makes a key that nobody can guess. */
export function makeApiKey(): ApiKey {
  return { id: randomBytes(idBytes).toString('hex'), secret: randomBytes(secretBytes).toString('hex') }
}

/** A key as its owner sends it. */
export function apiKeyText({ id, secret }: ApiKey): string {
  return `hbg_${id}_${secret}`
}

/** The key that a text is; undefined if it is none. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = form.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/**
 * What is kept of a secret: its SHA-256.
 *
 * A slow hash (bcrypt, Argon2) makes guessing dear where people choose the secret. These secrets are 256 random bits:
 * at 10¹² guesses a second, half of them take 10⁵⁷ years, so a slow hash would only slow down each request.
 */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Whether a secret is the one of a hash; how long this takes says nothing about how much of it is right. */
export function isSecret(secret: string, hash: Uint8Array): boolean {
  const given = hashSecret(secret)
  return given.length === hash.length && timingSafeEqual(given, hash)
}
