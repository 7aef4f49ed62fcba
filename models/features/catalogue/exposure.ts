/** Exposure: the borrower's accounts and lenders taken together, as of the same month. */

import {
  acrossAccounts,
  acrossOtherAccounts,
  acrossOtherAccountsEver,
  below,
  change,
  clamp,
  column,
  distinctAcrossAccounts,
  ever,
  inState,
  last,
  max,
  monthsSinceDate,
  numberFact,
  observed,
  product,
  ratio,
  signedLog,
} from '../combinators.ts'
import { type Feature, feature } from '../feature.ts'
import { delay, monthlyDue } from './quantities.ts'

const family = 'exposure'

const totalDebt = signedLog(acrossAccounts('sum', column('balance')))

/** Features of the family `exposure`. */
export const exposureFeatures: readonly Feature[] = [
  feature('accounts', {
    says: 'Accounts of the borrower in the month',
    unit: 'accounts',
    family,
    raises: true,
    range: [0, 1e6],
    reason: { en: 'There are more accounts than usual.', zh: '名下账户数多于一般水平。' },
    of: acrossAccounts('count', observed),
  }),
  feature('other_open_accounts', {
    says: 'Other accounts of the borrower with a balance owed',
    unit: 'accounts',
    family,
    raises: true,
    range: [0, 1e6],
    reason: {
      en: 'A balance is owed on more other accounts than usual.',
      zh: '其他有欠款的账户数多于一般水平。',
    },
    of: acrossOtherAccounts('count', inState('open')),
  }),
  feature('new_accounts_3m', {
    says: 'Accounts opened in this month or the two before it',
    unit: 'accounts',
    family,
    raises: true,
    range: [0, 1e6],
    reason: {
      en: 'More accounts were opened in the last three months than usual.',
      zh: '最近三个月新开账户数多于一般水平。',
    },
    of: acrossAccounts('count', below(monthsSinceDate('openedOn'), 3)),
  }),
  feature('lenders', {
    says: 'Different lenders that fund the borrower’s accounts',
    unit: 'lenders',
    family,
    raises: true,
    range: [1, 1e6],
    reason: { en: 'There are more lenders than usual.', zh: '提供资金的机构数多于一般水平。' },
    of: distinctAcrossAccounts('fundingPartner'),
  }),
  feature('worst_delay_elsewhere_now', {
    says: 'Most days past due on another account in the latest month',
    unit: 'days',
    family,
    raises: true,
    range: [0, 360],
    reason: {
      en: 'A payment on another account was late in the latest month.',
      zh: '最近一个月其他账户有逾期还款。',
    },
    of: acrossOtherAccounts('max', delay),
  }),
  feature('worst_delay_elsewhere_6m', {
    says: 'Most days past due on another account in the last six months',
    unit: 'days',
    family,
    raises: true,
    range: [0, 360],
    reason: {
      en: 'A payment on another account was late in the last six months.',
      zh: '最近六个月内其他账户有逾期还款。',
    },
    of: acrossOtherAccounts('max', max(last(6), delay)),
  }),
  feature('worst_delay_elsewhere_ever', {
    says: 'Most days past due ever on another account, closed ones included',
    unit: 'days',
    family,
    raises: true,
    range: [0, 360],
    reason: {
      en: 'A payment on another account, perhaps closed by now, was late.',
      zh: '其他账户（含已结清账户）曾有逾期还款。',
    },
    of: acrossOtherAccountsEver('max', max(ever, delay)),
  }),
  feature('total_debt', {
    says: 'Balance of all accounts together, as ±ln(1 + |balance|)',
    unit: 'log money',
    family,
    raises: true,
    range: [-40, 40],
    reason: { en: 'The debt over all accounts is higher than usual.', zh: '所有账户的总欠款高于一般水平。' },
    of: totalDebt,
  }),
  feature('total_debt_growth_3m', {
    says: 'Growth of the balance of all accounts over three months, as a difference of logarithms',
    unit: 'log ratio',
    family,
    raises: true,
    range: [-5, 5],
    reason: {
      en: 'The debt over all accounts has grown more, or fallen less, over three months than usual.',
      zh: '最近三个月总欠款的增长多于（或下降少于）一般水平。',
    },
    of: clamp(change(3, totalDebt), -5, 5),
  }),
  feature('total_due_to_income', {
    says: 'What falls due in a month on all accounts, as a share of monthly income',
    unit: 'ratio',
    family,
    raises: true,
    range: [0, 5],
    reason: {
      en: 'The monthly instalments of all accounts take a larger part of the income than usual.',
      zh: '所有账户每月应还款占收入的比例高于一般水平。',
    },
    of: clamp(ratio(product(acrossAccounts('sum', monthlyDue), 12), numberFact('income')), 0, 5),
  }),
]
