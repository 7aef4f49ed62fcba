/** The door of the figures: numbers → SVG. */

export {
  barFigure,
  calibrationFigure,
  captureFigure,
  type DrawnScores,
  histogramFigure,
  horizonFigure,
  ksFigure,
  learningFigure,
  rocFigure,
  timeFigure,
} from './curves.ts'
export { type DrawnLine, groupedBarFigure, linesFigure, matrixFigure } from './portfolio.ts'
