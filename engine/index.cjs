// danfojs-node requires `@tensorflow/tfjs-node`, whose native library many networks can't download.
// package.json points that name here, so that danfojs shares the TensorFlow.js that Harbinger itself uses.
module.exports = require('@tensorflow/tfjs')
