/** The door of the policy: its file, what is decided by it, and when a borrower may be contacted. */

export { type Advice, adviceFor, type HelpfulPayment, helpfulPayment } from './care.ts'
export { type ContactAttempt, type Permit, type PermitFacts, permit } from './contact/permit.ts'
export { type CompiledPolicy, compilePolicy, type DecisionMade, decide, permitTreatment } from './decision/decide.ts'
export type { AccountState, ChosenTreatment, Decision, DecisionFacts } from './decision/facts.ts'
export { type Arm, type ArmCounts, armOf, type Uplift, uplift } from './decision/hold-out.ts'
export { type Ladder, type Standing, stand } from './decision/ladder.ts'
export { factorAndOffset, type PointsScale, pointsOf, probabilityOf } from './decision/points.ts'
export { budgetCutoff } from './decision/warning.ts'
export { comparePolicies, type PolicyDifference } from './file/compare-policies.ts'
export { isTimeZone } from './file/contact-schema.ts'
export { defaultPolicyPath } from './file/default-policy.ts'
export { describePolicy } from './file/describe-policy.ts'
export { type PolicyFile, policyJsonSchema, type WarningLevel, warningLevels } from './file/policy-schema.ts'
export { type Policy, parsePolicy, readPolicy } from './file/read-policy.ts'
export {
  type Cause,
  type ContactChannel,
  type ContactPurpose,
  contactChannels,
  contactPurposes,
  type ResponseSoFar,
  responses,
  type StopName,
  stopNames,
  type TreatmentName,
  treatmentNames,
} from './file/treatment-schema.ts'
export {
  keptRate,
  type MoneyReceived,
  type PaymentPromise,
  type PromiseStatus,
  promiseStatuses,
  responseSoFar,
} from './promises.ts'
export {
  expectedSaving,
  makeWorklist,
  type Worklist,
  type WorklistCase,
  type WorklistPlace,
} from './worklist.ts'
