/** Where the policy lies that ships with Harbinger. */

import { join } from 'node:path'
import { packageFolder } from '../../own-package.ts'

/** Path of the policy that ships, from source and from `dist` alike. */
export function defaultPolicyPath(): string {
  return join(packageFolder(), 'models', 'policy', 'default-policy.yaml')
}
