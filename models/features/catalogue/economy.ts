/** Economy: what was published about it by the month's end. */

import { change, column } from '../combinators.ts'
import { type Feature, feature } from '../feature.ts'

const family = 'economy'

/** Features of the family `economy`. */
export const economyFeatures: readonly Feature[] = [
  feature('unemployment', {
    says: 'Unemployment rate, latest figure published',
    unit: 'percent',
    family,
    raises: true,
    range: [0, 100],
    reason: { en: 'Unemployment is higher than usual.', zh: '失业率高于一般水平。' },
    of: column('unemployment'),
  }),
  feature('unemployment_change_6m', {
    says: 'Unemployment rate against six months earlier',
    unit: 'percentage points',
    family,
    raises: true,
    range: [-100, 100],
    reason: {
      en: 'Unemployment has risen more, or fallen less, over six months than usual.',
      zh: '近六个月失业率的上升多于（或下降少于）一般水平。',
    },
    of: change(6, column('unemployment')),
  }),
  feature('interest_rate', {
    says: 'Policy interest rate, latest figure published',
    unit: 'percent',
    family,
    raises: true,
    range: [-50, 1000],
    reason: { en: 'Interest rates are higher than usual.', zh: '利率高于一般水平。' },
    of: column('interestRate'),
  }),
  feature('interest_rate_change_6m', {
    says: 'Policy interest rate against six months earlier',
    unit: 'percentage points',
    family,
    raises: true,
    range: [-1050, 1050],
    reason: {
      en: 'Interest rates have risen more, or fallen less, over six months than usual.',
      zh: '近六个月利率的上升多于（或下降少于）一般水平。',
    },
    of: change(6, column('interestRate')),
  }),
]
