/** The catalogue: every feature that Harbinger ships, family by family. */

import type { Feature } from '../feature.ts'
import { burdenFeatures } from './burden.ts'
import { channelFeatures } from './channel.ts'
import { economyFeatures } from './economy.ts'
import { exposureFeatures } from './exposure.ts'
import { latenessFeatures } from './lateness.ts'
import { paymentBehaviourFeatures } from './payment-behaviour.ts'
import { seasoningFeatures } from './seasoning.ts'
import { staticFeatures } from './static.ts'

/** All features, in a fixed order; names are unique. */
export const catalogue: readonly Feature[] = [
  ...latenessFeatures,
  ...paymentBehaviourFeatures,
  ...burdenFeatures,
  ...exposureFeatures,
  ...channelFeatures,
  ...seasoningFeatures,
  ...economyFeatures,
  ...staticFeatures,
]
