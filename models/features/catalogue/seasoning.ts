/** Seasoning: how long the account has been known, and in which states. */

import {
  acrossAccountsEver,
  changed,
  clamp,
  column,
  count,
  inState,
  lag,
  last,
  monthsSince,
  monthsSinceDate,
  monthsSinceFirstSeen,
  observed,
  share,
  stateName,
} from '../combinators.ts'
import { type Feature, feature } from '../feature.ts'
import { sixMonths } from './wording.ts'

const family = 'seasoning'

/** Features of the family `seasoning`. */
export const seasoningFeatures: readonly Feature[] = [
  ...sixMonths.map(({ months, suffix, en, zh }) =>
    feature(`state_${suffix}`, {
      says: `State of the account ${en}: open, settled or dormant`,
      unit: 'category',
      family,
      raises: null,
      reason: {
        en: `Whether a balance was owed ${en} counted towards this result.`,
        zh: `${zh}的账户状态影响了本结果。`,
      },
      of: stateName(lag(months, column('state'))),
    }),
  ),
  feature('months_on_record', {
    says: 'Months since the account was first seen',
    unit: 'months',
    family,
    raises: false,
    range: [0, 1200],
    reason: { en: 'The account has been known for less time than usual.', zh: '账户的记录时间短于一般水平。' },
    of: monthsSinceFirstSeen,
  }),
  feature('months_observed_12m', {
    says: 'Months with data among the last twelve: few mean a thin file',
    unit: 'months',
    family,
    raises: false,
    range: [0, 12],
    reason: {
      en: 'There is data for fewer of the last twelve months than usual.',
      zh: '最近十二个月内有记录的月份少于一般水平。',
    },
    of: count(last(12), observed),
  }),
  feature('account_age', {
    says: 'Months since the account was opened',
    unit: 'months',
    family,
    raises: false,
    range: [0, 2400],
    reason: { en: 'The account is younger than usual.', zh: '账户开立时间短于一般水平。' },
    of: monthsSinceDate('openedOn'),
  }),
  feature('oldest_account_months', {
    says: 'Months known of the borrower’s longest-known account, closed ones included',
    unit: 'months',
    family,
    raises: false,
    range: [0, 1200],
    reason: {
      en: 'The borrower has been known for less time than usual.',
      zh: '借款人的信用记录时间短于一般水平。',
    },
    of: acrossAccountsEver('max', monthsSinceFirstSeen),
  }),
  feature('open_share_12m', {
    says: 'Share of the last twelve months with a balance owed',
    unit: 'share',
    family,
    raises: true,
    range: [0, 1],
    reason: {
      en: 'A balance was owed in a larger share of the last twelve months than usual.',
      zh: '最近十二个月内有欠款的月份比例高于一般水平。',
    },
    of: share(last(12), inState('open')),
  }),
  feature('settled_share_12m', {
    says: 'Share of the last twelve months in which the account was paid in full',
    unit: 'share',
    family,
    raises: false,
    range: [0, 1],
    reason: {
      en: 'The account was paid in full in a smaller share of the last twelve months than usual.',
      zh: '最近十二个月内全额结清的月份比例低于一般水平。',
    },
    of: share(last(12), inState('settled')),
  }),
  feature('dormant_share_12m', {
    says: 'Share of the last twelve months with nothing owed and nothing drawn',
    unit: 'share',
    family,
    raises: null,
    range: [0, 1],
    reason: {
      en: 'How long the account was not used counted towards this result.',
      zh: '账户未使用的时间影响了本结果。',
    },
    of: share(last(12), inState('dormant')),
  }),
  feature('months_since_open', {
    says: 'Months since a balance was last owed, up to 36',
    unit: 'months',
    family,
    raises: false,
    range: [0, 36],
    reason: { en: 'A balance was owed more recently than usual.', zh: '最近一次有欠款距今时间较短。' },
    of: clamp(monthsSince(inState('open')), 0, 36),
  }),
  feature('state_changes_12m', {
    says: 'Changes of the account’s state in the last twelve months',
    unit: 'changes',
    family,
    raises: null,
    range: [0, 12],
    reason: {
      en: 'How often the account went in and out of use counted towards this result.',
      zh: '账户状态变动的次数影响了本结果。',
    },
    of: count(last(12), changed(column('state'))),
  }),
  feature('restructured', {
    says: '1 once the account has been restructured',
    unit: 'flag',
    family,
    raises: true,
    range: [0, 1],
    reason: { en: 'The account has been restructured.', zh: '账户曾办理重组。' },
    of: column('restructured'),
  }),
]
