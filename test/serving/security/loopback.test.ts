import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InputError } from '../../../data/index.ts'
import { readConfig, startServer } from '../../../serving/index.ts'
import { accessModes, chooseAccess } from '../../../serving/security/access.ts'
import { isLoopback, isLoopbackHost } from '../../../serving/security/loopback.ts'

const own = Object.values(networkInterfaces()).flatMap(all => (all ?? []).filter(({ internal }) => !internal))
const others = ['0.0.0.0', '::', '10.0.0.1', '192.168.1.7', '8.8.8.8', '128.0.0.1', 'fe80::1', '::2', '::ffff:10.0.0.1']
const here = ['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1']

test.each(here)('%s is loopback', address => expect(isLoopback(address)).toBe(true))

test.each([...others, 'localhost', '127.0.0.1.example.org', '127.1', '', '2130706433'])(
  '%j isn’t known to be loopback',
  address => expect(isLoopback(address)).toBe(false),
)

test.each(['localhost', 'LOCALHOST:8080', '127.0.0.1', '127.0.0.1:80', '[::1]', '[::1]:8080'])(
  'a Host header %j is this machine’s own name',
  header => expect(isLoopbackHost(header)).toBe(true),
)

test.each([
  undefined,
  '',
  'example.org',
  'localhost.example.org',
  '127.0.0.1.nip.io:8080',
  '10.0.0.1',
  '[::2]',
  'localhost:80:80',
  '[::1',
  '::1',
])('a Host header %j isn’t', header => expect(isLoopbackHost(header)).toBe(false))

test('beyond this machine there is no way to listen without authentication', () => {
  for (const address of others) {
    for (const mode of accessModes) {
      if (mode === 'none') expect(() => chooseAccess({ mode, address, tokens: false }), address).toThrow(InputError)
      else expect(chooseAccess({ mode, address, tokens: false }), address).toBe('holders')
    }
  }
})

test('on loopback the setting decides', () => {
  for (const address of here) {
    expect(chooseAccess({ mode: 'none', address, tokens: false })).toBe('anybody')
    expect(chooseAccess({ mode: 'required', address, tokens: false })).toBe('holders')
    expect(chooseAccess({ mode: 'auto', address, tokens: false })).toBe('machine-until-keys')
    expect(chooseAccess({ mode: 'auto', address, tokens: true })).toBe('holders')
  }
})

test.each(['0.0.0.0', '::', ...own.map(({ address }) => address)])(
  'a server on %s without authentication is refused before it opens anything',
  async host => {
    const nowhere = join(tmpdir(), 'harbinger-never-made')
    const config = readConfig({ HOST: host, PORT: '0', HARBINGER_AUTH: 'none', HARBINGER_MODELS: nowhere })
    const refused = await startServer(config).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(InputError)
    expect(String(refused)).toContain('HARBINGER_AUTH')
  },
)

test('a host that means no address is refused by name', async () => {
  const config = readConfig({ HOST: 'no-such-host.invalid', PORT: '0' })
  await expect(startServer(config)).rejects.toThrow('field HOST: found "no-such-host.invalid"')
})
