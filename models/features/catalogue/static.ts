/** Static: what is fixed for the borrower or the account, aged to the as-of month where it is a date. */

import { type CategoryFactName, categoryFacts } from '../../../data/index.ts'
import { categoryFact, monthsSinceDate, numberFact, ratio, signedLog } from '../combinators.ts'
import { type Feature, feature } from '../feature.ts'
import { ageYears } from './quantities.ts'

const family = 'static'

/** Features of the family `static`. */
export const staticFeatures: readonly Feature[] = [
  feature('age', {
    says: 'Age of the borrower',
    unit: 'years',
    family,
    raises: false,
    range: [0, 200],
    reason: { en: 'The borrower is younger than usual.', zh: '借款人年龄低于一般水平。' },
    of: ageYears,
  }),
  feature('income', {
    says: 'Yearly income as declared, as ln(1 + amount)',
    unit: 'log money',
    family,
    raises: false,
    range: [0, 40],
    reason: { en: 'The declared income is lower than usual.', zh: '申报收入低于一般水平。' },
    of: signedLog(numberFact('income')),
  }),
  feature('dependants', {
    says: 'Children or other dependants',
    unit: 'persons',
    family,
    raises: null,
    range: [0, 1e6],
    reason: {
      en: 'The number of dependants counted towards this result.',
      zh: '受抚养人数影响了本结果。',
    },
    of: numberFact('dependants'),
  }),
  feature('employed_years', {
    says: 'Years since the present employment began',
    unit: 'years',
    family,
    raises: false,
    range: [0, 200],
    reason: { en: 'The present employment began more recently than usual.', zh: '现职工作年限短于一般水平。' },
    of: ratio(monthsSinceDate('employedOn'), 12),
  }),
  category('sex', 'sex', { en: 'sex', zh: '性别' }, true),
  category('marital_status', 'maritalStatus', { en: 'marital status', zh: '婚姻状况' }, true),
  category('education', 'education', { en: 'education', zh: '教育程度' }),
  category('housing', 'housing', { en: 'housing', zh: '居住情况' }),
  category('income_type', 'incomeType', { en: 'kind of income', zh: '收入类型' }),
  category('occupation', 'occupation', { en: 'occupation', zh: '职业' }),
  category('region', 'region', { en: 'region', zh: '所在地区' }),
  category('product', 'product', { en: 'product', zh: '产品类型' }),
  category('opening_channel', 'channel', { en: 'channel through which the account was opened', zh: '开户渠道' }),
  category('funding_partner', 'fundingPartner', { en: 'lender that funds the account', zh: '资金提供方' }),
]

/** A category fact as a feature. */
function category(
  name: string,
  fact: CategoryFactName,
  noun: { en: string; zh: string },
  isProtected = false,
): Feature {
  return feature(name, {
    says: categoryFacts[fact].says,
    unit: 'category',
    family,
    raises: null,
    reason: { en: `The ${noun.en} counted towards this result.`, zh: `${noun.zh}影响了本结果。` },
    ...(isProtected ? { protected: true } : {}),
    of: categoryFact(fact),
  })
}
