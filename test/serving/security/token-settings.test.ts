import { expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { readConfig } from '../../../serving/index.ts'

const who = { HARBINGER_JWT_ISSUER: 'https://issuer.example', HARBINGER_JWT_AUDIENCE: 'harbinger' }

test('without settings no tokens are taken', () => {
  expect(readConfig({}).tokens).toBeNull()
})

test('keys come from an address or a file', () => {
  const [issuer, audience] = ['https://issuer.example', 'harbinger']
  for (const url of [
    'https://issuer.example/jwks.json',
    'http://127.0.0.1:9/jwks',
    'http://localhost/jwks',
    'http://[::1]:9/jwks',
  ]) {
    expect(readConfig({ ...who, HARBINGER_JWKS_URL: url }).tokens).toEqual({ keys: { url }, issuer, audience })
  }
  expect(readConfig({ ...who, HARBINGER_JWKS_FILE: 'keys.json' }).tokens).toEqual({
    keys: { file: 'keys.json' },
    issuer,
    audience,
  })
})

test.each([
  [
    'an address without an issuer',
    { HARBINGER_JWKS_URL: 'https://a.example', HARBINGER_JWT_AUDIENCE: 'a' },
    'HARBINGER_JWT_ISSUER',
  ],
  [
    'an address without an audience',
    { HARBINGER_JWKS_URL: 'https://a.example', HARBINGER_JWT_ISSUER: 'a' },
    'HARBINGER_JWT_AUDIENCE',
  ],
  ['a file without either', { HARBINGER_JWKS_FILE: 'a' }, 'HARBINGER_JWT_ISSUER'],
  ['an issuer without keys', who, 'HARBINGER_JWKS_URL'],
  [
    'two sources of keys',
    { ...who, HARBINGER_JWKS_URL: 'https://a.example', HARBINGER_JWKS_FILE: 'a' },
    'HARBINGER_JWKS_FILE',
  ],
  ['keys in the clear', { ...who, HARBINGER_JWKS_URL: 'http://issuer.example/jwks' }, 'HARBINGER_JWKS_URL'],
  [
    'keys from this machine by its looks',
    { ...who, HARBINGER_JWKS_URL: 'http://localhost.evil.example/' },
    'HARBINGER_JWKS_URL',
  ],
  [
    'keys behind a name of a user',
    { ...who, HARBINGER_JWKS_URL: 'http://127.0.0.1@evil.example/' },
    'HARBINGER_JWKS_URL',
  ],
  ['keys from a file by address', { ...who, HARBINGER_JWKS_URL: 'file:///etc/keys' }, 'HARBINGER_JWKS_URL'],
  ['no address', { ...who, HARBINGER_JWKS_URL: 'issuer' }, 'HARBINGER_JWKS_URL'],
  ['an empty issuer', { ...who, HARBINGER_JWT_ISSUER: '' }, 'HARBINGER_JWT_ISSUER'],
])('%s is refused by name', (_, settings, name) => {
  expect(() => readConfig(settings)).toThrow(InputError)
  expect(() => readConfig(settings)).toThrow(name)
})
