/** The door of the portfolio report. */

export { portfolioTables } from './console-tables.ts'
export { renderPortfolio } from './render-portfolio.ts'
export { type PortfolioReport, type SummariseOptions, summarisePortfolio } from './summarise-portfolio.ts'
