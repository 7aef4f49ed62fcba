/** Keys for tests, and a server that lets their holders in; hashes are made here, by the documentation. */

import { createHash, randomBytes } from 'node:crypto'
import type { Scope } from '../../../serving/index.ts'
import { letIn } from '../../../serving/security/callers.ts'
import type { KnownKey } from '../../../serving/security/key-store.ts'
import { rememberKeys } from '../../../serving/security/known-keys.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

/** A key as its owner has it, and as the store has it. */
export interface TestKey {
  readonly text: string
  readonly known: KnownKey
}

/** Makes a key. */
export function testKey(scopes: readonly Scope[], more: Partial<KnownKey> = {}): TestKey {
  const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(32).toString('hex')]
  const hash = createHash('sha256').update(secret).digest()
  return {
    text: `hbg_${id}_${secret}`,
    known: { id, hash, scopes: new Set(scopes), expiresAt: null, revoked: false, ...more },
  }
}

/** Starts a server that lets in whom it should; keys may be added and taken away while it runs. */
export function startGuardedServer(keys: readonly TestKey[]): Promise<TestServer> {
  return startTestServer(undefined, {
    identify: letIn(
      'holders',
      rememberKeys(async () => keys.map(({ known }) => known)),
    ),
  })
}
