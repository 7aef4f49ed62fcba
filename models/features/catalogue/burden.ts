/** Burden: how heavily the debt weighs against the limit, the means and the time left. */

import {
  change,
  clamp,
  column,
  count,
  lag,
  last,
  max,
  mean,
  numberFact,
  product,
  ratio,
  signedLog,
  slope,
  standardDeviation,
} from '../combinators.ts'
import { type Feature, feature } from '../feature.ts'
import { late, monthlyDue, utilisation } from './quantities.ts'
import { sixMonths } from './wording.ts'

const family = 'burden'

/** Features of the family `burden`. */
export const burdenFeatures: readonly Feature[] = [
  ...sixMonths.map(({ months, suffix, en, zh }) =>
    feature(`utilisation_${suffix}`, {
      says: `Share of the limit owed ${en}`,
      unit: 'ratio',
      family,
      raises: true,
      range: [-1, 3],
      reason: { en: `More of the limit was in use ${en} than usual.`, zh: `${zh}的额度使用率高于一般水平。` },
      of: lag(months, utilisation),
    }),
  ),
  feature('utilisation_mean_6m', {
    says: 'Mean share of the limit owed over the last six months',
    unit: 'ratio',
    family,
    raises: true,
    range: [-1, 3],
    reason: {
      en: 'More of the limit was in use over the last six months than usual.',
      zh: '最近六个月的平均额度使用率高于一般水平。',
    },
    of: mean(last(6), utilisation),
  }),
  feature('utilisation_max_6m', {
    says: 'Greatest share of the limit owed in the last six months',
    unit: 'ratio',
    family,
    raises: true,
    range: [-1, 3],
    reason: {
      en: 'The highest use of the limit in the last six months was higher than usual.',
      zh: '最近六个月的最高额度使用率高于一般水平。',
    },
    of: max(last(6), utilisation),
  }),
  feature('utilisation_deviation_6m', {
    says: 'Standard deviation of the share of the limit owed over the last six months',
    unit: 'ratio',
    family,
    raises: null,
    range: [0, 3],
    reason: {
      en: 'How much the use of the limit varied over the last six months counted towards this result.',
      zh: '最近六个月额度使用率的波动影响了本结果。',
    },
    of: standardDeviation(last(6), utilisation),
  }),
  feature('utilisation_slope_6m', {
    says: 'Trend of the share of the limit owed over the last six months',
    unit: 'ratio per month',
    family,
    raises: true,
    range: [-2.5, 2.5],
    reason: {
      en: 'The use of the limit has grown more, or fallen less, over the last six months than usual.',
      zh: '最近六个月额度使用率的上升多于（或下降少于）一般水平。',
    },
    of: slope(last(6), utilisation),
  }),
  feature('utilisation_change_3m', {
    says: 'Share of the limit owed against three months earlier',
    unit: 'ratio',
    family,
    raises: true,
    range: [-4, 4],
    reason: {
      en: 'The use of the limit has grown more, or fallen less, over the last three months than usual.',
      zh: '最近三个月额度使用率的上升多于（或下降少于）一般水平。',
    },
    of: change(3, utilisation),
  }),
  ...sixMonths.slice(0, 2).map(({ months, suffix, en, zh }) =>
    feature(`balance_${suffix}`, {
      says: `Balance ${en}, as ±ln(1 + |balance|)`,
      unit: 'log money',
      family,
      raises: null,
      range: [-40, 40],
      reason: { en: `The balance ${en} counted towards this result.`, zh: `${zh}的欠款余额影响了本结果。` },
      of: lag(months, signedLog(column('balance'))),
    }),
  ),
  feature('credit_limit', {
    says: 'Limit of a line or amount financed of a loan, as ln(1 + amount)',
    unit: 'log money',
    family,
    raises: false,
    range: [0, 40],
    reason: { en: 'The limit of the account is lower than usual.', zh: '账户额度低于一般水平。' },
    of: signedLog(column('creditLimit')),
  }),
  feature('arrears_of_limit', {
    says: 'Amount due and unpaid, as a share of the limit',
    unit: 'ratio',
    family,
    raises: true,
    range: [0, 3],
    reason: {
      en: 'The amount due and unpaid is larger against the limit than usual.',
      zh: '到期未还金额占额度的比例高于一般水平。',
    },
    of: clamp(ratio(column('arrears'), column('creditLimit')), 0, 3),
  }),
  feature('due_to_income', {
    says: 'What falls due in a month, as a share of monthly income',
    unit: 'ratio',
    family,
    raises: true,
    range: [0, 5],
    reason: {
      en: 'The monthly instalment takes a larger part of the income than usual.',
      zh: '每月应还款占收入的比例高于一般水平。',
    },
    of: clamp(ratio(product(monthlyDue, 12), numberFact('income')), 0, 5),
  }),
  feature('next_due_of_balance', {
    says: 'What falls due in the next month, as a share of the balance',
    unit: 'ratio',
    family,
    raises: null,
    range: [0, 2],
    reason: {
      en: 'How much of the balance falls due next counted towards this result.',
      zh: '下期应还款占欠款的比例影响了本结果。',
    },
    of: clamp(ratio(column('nextAmountDue'), column('balance')), 0, 2),
  }),
  feature('next_due_change', {
    says: 'What falls due in the next month, as a multiple of what fell due in this one',
    unit: 'ratio',
    family,
    raises: true,
    range: [0, 5],
    reason: {
      en: 'The next amount due is larger, against the latest one, than usual.',
      zh: '下期应还款相对本期的增幅高于一般水平。',
    },
    of: clamp(ratio(column('nextAmountDue'), column('amountDue')), 0, 5),
  }),
  feature('instalments_left', {
    says: 'Instalments agreed and not yet due',
    unit: 'instalments',
    family,
    raises: true,
    range: [0, 1e6],
    reason: { en: 'More instalments are still to come than usual.', zh: '剩余分期数多于一般水平。' },
    of: column('instalmentsLeft'),
  }),
  feature('late_times_utilisation', {
    says: 'Late months of the last six times the share of the limit owed',
    unit: 'months',
    family,
    raises: true,
    range: [-6, 18],
    reason: {
      en: 'Late payments and a high use of the limit come together.',
      zh: '逾期还款与较高的额度使用率同时存在。',
    },
    of: product(count(last(6), late), utilisation),
  }),
]
