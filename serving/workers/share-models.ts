/** A change of models that one worker is asked for reaches all of them before it is answered. */

import type { ModelHost } from '../model-host.ts'
import type { WorkerSide } from './hub.ts'

const topic = 'models-changed'

/** The same host, which has all workers follow the registry after each change. */
export function shareModels(host: ModelHost, hub: WorkerSide): ModelHost {
  hub.listen(topic, () => host.refresh())
  const shared = async (change: Promise<void>): Promise<void> => {
    await change
    await hub.tellAll(topic)
  }
  return {
    ...host,
    promote: (...given) => shared(host.promote(...given)),
    shadow: (...given) => shared(host.shadow(...given)),
    stopShadowing: () => shared(host.stopShadowing()),
    rollBack: () => shared(host.rollBack()),
  }
}
