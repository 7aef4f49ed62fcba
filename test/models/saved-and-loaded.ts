import type { LayersModel } from '@tensorflow/tfjs'
import type { TensorFlow } from '../../models/index.ts'

/** The network that comes back from saving one and loading it; the one given is disposed of. */
export async function savedAndLoaded(tf: TensorFlow, network: LayersModel): Promise<LayersModel> {
  let artifacts: Parameters<typeof tf.io.fromMemory>[0] | undefined
  await network.save(
    tf.io.withSaveHandler(async saved => {
      artifacts = JSON.parse(
        JSON.stringify({ modelTopology: saved.modelTopology, weightSpecs: saved.weightSpecs }),
      ) as object
      Object.assign(artifacts, { weightData: saved.weightData })
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  network.dispose()
  return tf.loadLayersModel(tf.io.fromMemory(artifacts!))
}
