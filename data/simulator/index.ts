/** The simulator's door, for the trainer and tests: a portfolio whose true probabilities are known. */

export { type SimulatedBank, simulatedBanks } from './banks.ts'
export { type SimulatedTreatment, type SimulationOptions, simulateEconomy, simulateRegimes } from './economy.ts'
export { type SimulatedBorrower, simulateBorrowers, type TrueProbability, truthHorizonMonths } from './portfolio.ts'
export { type LatentState, truePd } from './truth.ts'
export { writeSimulation } from './write.ts'
