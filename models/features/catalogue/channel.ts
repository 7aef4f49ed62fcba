/** Channel: trouble with the way of paying, which is not trouble with money. */

import { above, both, clamp, column, count, equalTo, last, monthsSince, sum } from '../combinators.ts'
import { type Feature, feature } from '../feature.ts'

const family = 'channel'

const failedDebit = above(column('failedDebits'), 0)

/** Features of the family `channel`. */
export const channelFeatures: readonly Feature[] = [
  feature('failed_debits_3m', {
    says: 'Failed automatic debits in the last three months',
    unit: 'debits',
    family,
    raises: true,
    range: [0, 3e6],
    reason: {
      en: 'Automatic debits failed in the last three months.',
      zh: '最近三个月内有自动扣款失败。',
    },
    of: sum(last(3), column('failedDebits')),
  }),
  feature('failed_debits_12m', {
    says: 'Failed automatic debits in the last twelve months',
    unit: 'debits',
    family,
    raises: true,
    range: [0, 12e6],
    reason: {
      en: 'Automatic debits failed in the last twelve months.',
      zh: '最近十二个月内有自动扣款失败。',
    },
    of: sum(last(12), column('failedDebits')),
  }),
  feature('months_since_failed_debit', {
    says: 'Months since an automatic debit last failed, up to 36',
    unit: 'months',
    family,
    raises: false,
    range: [0, 36],
    reason: {
      en: 'The latest failed automatic debit is more recent than usual.',
      zh: '最近一次自动扣款失败距今时间较短。',
    },
    of: clamp(monthsSince(failedDebit), 0, 36),
  }),
  feature('failed_debits_made_good_12m', {
    says: 'Months with a failed automatic debit and nothing overdue at their end, in the last twelve',
    unit: 'months',
    family,
    raises: null,
    range: [0, 12],
    reason: {
      en: 'Failed automatic debits that were made good within the month counted towards this result.',
      zh: '自动扣款失败后当月补足的情况影响了本结果。',
    },
    of: count(last(12), both(failedDebit, equalTo(column('daysPastDue'), 0))),
  }),
  feature('channel_switches_6m', {
    says: 'Changes of the payment channel in the last six months',
    unit: 'changes',
    family,
    raises: true,
    range: [0, 6e6],
    reason: {
      en: 'The way of paying changed more often in the last six months than usual.',
      zh: '最近六个月内还款渠道的变更多于一般水平。',
    },
    of: sum(last(6), column('channelSwitches')),
  }),
]
