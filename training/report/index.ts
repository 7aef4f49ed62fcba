/** The door of the report. */

export { comparisonTable, renderComparison } from './comparison-page.ts'
export { metricsTable } from './console-table.ts'
export { renderModelCard } from './model-card.ts'
export { renderReport } from './render-report.ts'
export { mainHorizon, type ReportInput } from './report-input.ts'
