/** Payment behaviour: how much is paid, how regularly and how close to the due date. */

import {
  above,
  atLeast,
  below,
  both,
  change,
  clamp,
  column,
  count,
  equalTo,
  lag,
  last,
  mean,
  min,
  plus,
  ratio,
  signedLog,
  standardDeviation,
  sum,
} from '../combinators.ts'
import { type Feature, feature } from '../feature.ts'
import { paidOfBalance, paidOfDue } from './quantities.ts'
import { sixMonths } from './wording.ts'

const family = 'payment-behaviour'

/** What must have been spent, given how the balance moved and what was paid, as a share of the limit. */
const spentOfLimit = clamp(
  ratio(plus(change(1, column('balance')), column('amountPaid')), column('creditLimit')),
  -2,
  2,
)

/** Features of the family `payment-behaviour`. */
export const paymentBehaviourFeatures: readonly Feature[] = [
  ...sixMonths.map(({ months, suffix, en, zh }) =>
    feature(`paid_${suffix}`, {
      says: `Amount paid ${en}, as ln(1 + amount)`,
      unit: 'log money',
      family,
      raises: false,
      range: [0, 40],
      reason: { en: `The amount paid ${en} was lower than usual.`, zh: `${zh}的还款金额低于一般水平。` },
      of: lag(months, signedLog(column('amountPaid'))),
    }),
  ),
  ...sixMonths.slice(0, 5).map(({ months, suffix, en, zh }) =>
    feature(`paid_of_balance_${suffix}`, {
      says: `Share of the earlier balance that was paid ${en}`,
      unit: 'ratio',
      family,
      raises: false,
      range: [0, 2],
      reason: {
        en: `A smaller part of the balance was paid ${en} than usual.`,
        zh: `${zh}偿还的欠款比例低于一般水平。`,
      },
      of: lag(months, paidOfBalance),
    }),
  ),
  feature('paid_of_balance_mean_6m', {
    says: 'Mean share of the earlier balance paid per month, last six months',
    unit: 'ratio',
    family,
    raises: false,
    range: [0, 2],
    reason: {
      en: 'Over the last six months a smaller part of the balance was paid than usual.',
      zh: '最近六个月平均偿还的欠款比例低于一般水平。',
    },
    of: mean(last(6), paidOfBalance),
  }),
  feature('paid_of_balance_min_6m', {
    says: 'Least share of the earlier balance paid in a month, last six months',
    unit: 'ratio',
    family,
    raises: false,
    range: [0, 2],
    reason: {
      en: 'In the weakest of the last six months a smaller part of the balance was paid than usual.',
      zh: '最近六个月中还款最少的月份，偿还比例低于一般水平。',
    },
    of: min(last(6), paidOfBalance),
  }),
  feature('paid_of_limit_mean_6m', {
    says: 'Mean monthly payment over the last six months, as a share of the limit',
    unit: 'ratio',
    family,
    raises: false,
    range: [0, 2],
    reason: {
      en: 'Payments of the last six months were lower against the limit than usual.',
      zh: '最近六个月的还款相对额度低于一般水平。',
    },
    of: clamp(mean(last(6), ratio(column('amountPaid'), column('creditLimit'))), 0, 2),
  }),
  feature('paid_of_due_now', {
    says: 'Share of the amount due that was paid in the latest month',
    unit: 'ratio',
    family,
    raises: false,
    range: [0, 3],
    reason: {
      en: 'A smaller part of the amount due was paid in the latest month than usual.',
      zh: '最近一个月偿还的应还款比例低于一般水平。',
    },
    of: paidOfDue,
  }),
  feature('paid_of_due_mean_6m', {
    says: 'Mean share of the amount due that was paid per month, last six months',
    unit: 'ratio',
    family,
    raises: false,
    range: [0, 3],
    reason: {
      en: 'Over the last six months a smaller part of the amounts due was paid in time than usual.',
      zh: '最近六个月当月偿还的应还款比例低于一般水平。',
    },
    of: mean(last(6), paidOfDue),
  }),
  feature('zero_payment_months_6m', {
    says: 'Months without any payment although a balance was owed, in the last six',
    unit: 'months',
    family,
    raises: true,
    range: [0, 6],
    reason: {
      en: 'In some of the last six months nothing was paid although a balance was owed.',
      zh: '最近六个月内有欠款但未还款的月份。',
    },
    of: count(last(6), both(equalTo(column('amountPaid'), 0), above(lag(1, column('balance')), 0))),
  }),
  feature('small_payment_months_6m', {
    says: 'Months in which under 5 % of the balance was paid, in the last six',
    unit: 'months',
    family,
    raises: true,
    range: [0, 6],
    reason: {
      en: 'In some of the last six months less than 5 % of the balance was paid.',
      zh: '最近六个月内有还款不足欠款百分之五的月份。',
    },
    of: count(last(6), both(above(paidOfBalance, 0), below(paidOfBalance, 0.05))),
  }),
  feature('full_payment_months_6m', {
    says: 'Months in which the whole balance was paid, in the last six',
    unit: 'months',
    family,
    raises: false,
    range: [0, 6],
    reason: {
      en: 'The whole balance was paid in fewer of the last six months than usual.',
      zh: '最近六个月内全额还款的月份少于一般水平。',
    },
    of: count(last(6), atLeast(paidOfBalance, 0.99)),
  }),
  feature('spent_of_limit_mean_6m', {
    says: 'Mean monthly spending over the last six months, as a share of the limit',
    unit: 'ratio',
    family,
    raises: null,
    range: [-2, 2],
    reason: {
      en: 'What was spent over the last six months counted towards this result.',
      zh: '最近六个月的消费情况影响了本结果。',
    },
    of: mean(last(6), spentOfLimit),
  }),
  feature('partial_payments_6m', {
    says: 'Payments that left their instalment partly unpaid, in the last six months',
    unit: 'payments',
    family,
    raises: true,
    range: [0, 6e6],
    reason: {
      en: 'Some payments of the last six months covered only a part of the instalment.',
      zh: '最近六个月内有只偿还部分分期款的情况。',
    },
    of: sum(last(6), column('partialPayments')),
  }),
  feature('reversed_payments_12m', {
    says: 'Payments reversed in the last twelve months',
    unit: 'payments',
    family,
    raises: true,
    range: [0, 12e6],
    reason: {
      en: 'Some payments of the last twelve months were reversed.',
      zh: '最近十二个月内有还款被撤销。',
    },
    of: sum(last(12), column('reversedPayments')),
  }),
  feature('days_before_due_now', {
    says: 'Mean days by which payments came before their due date, in the latest month',
    unit: 'days',
    family,
    raises: false,
    range: [-360, 360],
    reason: {
      en: 'Payments of the latest month came closer to the due date, or later after it, than usual.',
      zh: '最近一个月的还款比一般情况更接近或更晚于到期日。',
    },
    of: clamp(column('daysBeforeDue'), -360, 360),
  }),
  feature('days_before_due_mean_6m', {
    says: 'Mean days by which payments came before their due date, over the last six months',
    unit: 'days',
    family,
    raises: false,
    range: [-360, 360],
    reason: {
      en: 'Payments of the last six months came closer to the due date, or later after it, than usual.',
      zh: '最近六个月的还款比一般情况更接近或更晚于到期日。',
    },
    of: mean(last(6), clamp(column('daysBeforeDue'), -360, 360)),
  }),
  feature('days_before_due_deviation_12m', {
    says: 'Irregularity of the payment day: standard deviation of days before due, last twelve months',
    unit: 'days',
    family,
    raises: true,
    range: [0, 510],
    reason: {
      en: 'The day of payment has been less regular than usual over the last twelve months.',
      zh: '最近十二个月的还款日期不如一般水平规律。',
    },
    of: standardDeviation(last(12), clamp(column('daysBeforeDue'), -360, 360)),
  }),
]
