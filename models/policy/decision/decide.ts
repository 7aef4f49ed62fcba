/** From a probability to what is done: a pure function of policy and facts, to be logged and made again at any time. */

import { type ContactRules, compileContact, type Permit, permit } from '../contact/permit.ts'
import type { WarningLevel } from '../file/policy-schema.ts'
import type { Policy } from '../file/read-policy.ts'
import { type Cause, type TreatmentName, ungraded } from '../file/treatment-schema.ts'
import type { AccountState, ChosenTreatment, Decision, DecisionFacts } from './facts.ts'
import { armOf } from './hold-out.ts'
import { type Ladder, stand } from './ladder.ts'
import { pointsOf } from './points.ts'
import { type ChooseTreatment, compileTreatments, decidingStop } from './treatment.ts'
import { warn, warningLadder, withinBudget } from './warning.ts'

/** A policy made ready to decide. */
export interface CompiledPolicy extends Policy {
  readonly grades: Ladder<string>
  readonly levels: Ladder<WarningLevel>
  readonly choose: ChooseTreatment
  readonly contact: ContactRules
}

/** Makes a policy ready to decide: all that doesn't depend on an account is done here, once. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const { file } = policy
  return {
    ...policy,
    grades: {
      ...file.grades,
      steps: file.grades.ranges.map(({ grade }) => grade),
      from: file.grades.ranges.map(({ from }) => from),
      quietDays: 0,
    },
    levels: warningLadder(file),
    choose: compileTreatments(file),
    contact: compileContact(file),
  }
}

/** A decision, and what the next one about the account needs to know of it. */
export interface DecisionMade {
  readonly decision: Decision
  readonly state: AccountState
}

/** Decides about one account. The same policy and facts give the same decision, to the byte. */
export function decide(policy: CompiledPolicy, facts: DecisionFacts): DecisionMade {
  const { file } = policy
  const { pd, day } = facts
  // What was decided on the same day or later is no past.
  const previous = facts.previous !== null && facts.previous.day < day ? facts.previous : null
  const horizonMonths =
    pd === null
      ? null
      : {
          grade: Math.min(file.grades.horizonMonths, pd.length),
          warning: Math.min(file.warning.horizonMonths, pd.length),
        }
  const gradedPd = pd === null || horizonMonths === null ? null : (pd[horizonMonths.grade - 1] ?? null)
  const warnedPd = pd === null || horizonMonths === null ? null : (pd[horizonMonths.warning - 1] ?? null)
  const grade = gradedPd === null ? null : stand(policy.grades, gradedPd, day, previous?.grade ?? null)
  const level =
    warnedPd === null
      ? null
      : warn(
          file,
          withinBudget(policy.levels, file, facts.budgetCutoff),
          warnedPd,
          previous?.pd ?? null,
          day,
          previous?.level ?? null,
        )
  const cause = causeOf(policy, facts)
  const treatment = treat(policy, facts, grade?.step ?? ungraded, level?.step ?? 'blue', cause)
  return {
    decision: {
      grade: grade?.step ?? null,
      points: gradedPd === null ? null : Math.round(pointsOf(file.scale, gradedPd)),
      warningLevel: level?.step ?? null,
      horizonMonths,
      cause,
      treatment,
      permit: permitTreatment(policy, facts, treatment.name),
      credit: creditOf(policy, facts, level?.step ?? null),
    },
    state: { day, pd: warnedPd, grade, level },
  }
}

/** Why a borrower pays late. Nobody is held unwilling by the model's word, only by promises broken. */
function causeOf({ file: { causes } }: CompiledPolicy, facts: DecisionFacts): Cause {
  if (facts.technical) return 'could-not'
  if (facts.stops.includes('hardship')) return 'cannot'
  const late = (facts.daysPastDue ?? 0) > 0
  if (late && facts.partialPayments >= causes.cannot.partialPayments) return 'cannot'
  if (late && facts.brokenPromises >= causes.willNot.brokenPromises) return 'will-not'
  if (late && facts.reasonFamily !== null && causes.cannot.reasonFamilies.includes(facts.reasonFamily)) return 'cannot'
  return 'unknown'
}

function treat(
  { file, choose }: CompiledPolicy,
  facts: DecisionFacts,
  grade: string,
  level: WarningLevel,
  cause: Cause,
): ChosenTreatment {
  const chosen = choose({ grade, level, cause, facts })
  const arm = armOf(file, facts.borrowerId)
  // Putting right a technical fault is no treatment whose effect is in question.
  const held = arm === 'hold-out' && cause !== 'could-not' && file.holdOut.treatments.includes(chosen.treatment)
  const name = held ? 'none' : chosen.treatment
  const { purpose, signOff } = file.treatments[name]
  return {
    name,
    rule: chosen.rule,
    says: chosen.says,
    purpose,
    signOff,
    arm,
    withheld: held ? chosen.treatment : null,
  }
}

/**
 * May a borrower be contacted for a treatment?
 *
 * @returns For the first of the treatment's channels that is permitted; if none is, the one that will be soonest; null
 *   if the treatment needs no contact.
 */
export function permitTreatment(
  policy: CompiledPolicy,
  facts: Pick<DecisionFacts, 'accountId' | 'stops' | 'contact'>,
  treatment: TreatmentName,
): Permit | null {
  const { purpose, channels } = policy.file.treatments[treatment]
  if (purpose === null) return null
  let soonest: Permit | null = null
  for (const channel of channels) {
    const answer = permit(policy.contact, {
      ...facts.contact,
      accountId: facts.accountId,
      stop: decidingStop(facts.stops),
      party: 'borrower',
      purpose,
      channel,
    })
    if (answer.permitted) return answer
    if (soonest === null || (answer.nextPermittedAt ?? '~') < (soonest.nextPermittedAt ?? '~')) soonest = answer
  }
  return soonest
}

/**
 * What is done to the credit line. Cutting a borrower who is current because of an alert is adverse action; acting on
 * an account because that account is delinquent is not.
 *
 * @see 12 CFR 1002.2(c)(1)(ii) and (2)(ii)
 */
function creditOf({ file: { credit } }: CompiledPolicy, facts: DecisionFacts, level: WarningLevel | null) {
  const action = level === null ? 'none' : credit.actions[level]
  const adverseAction = (action === 'freeze' || action === 'reduce') && facts.daysPastDue === 0
  return { action, adverseAction, noticeDays: adverseAction ? credit.noticeDays : null }
}
