import { loadFeatureFrame } from '../../training/index.ts'

const frame = await loadFeatureFrame(process.argv[2] ?? 'portfolio')
console.log(frame.shape)
frame
  .loc({ columns: ['month', 'days_past_due', 'eventMonth'] })
  .head(5)
  .print()
