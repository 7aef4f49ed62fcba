/** Words for months past, shared by the features that look at one month each. */

/** How one month before the as-of month is named. */
interface PastMonth {
  /** 0 = the as-of month. */
  readonly months: number
  /** End of a feature's name. */
  readonly suffix: string
  readonly en: string
  readonly zh: string
}

/** The as-of month and the five months before it. */
export const sixMonths: readonly PastMonth[] = [
  { months: 0, suffix: 'now', en: 'in the latest month', zh: '最近一个月' },
  { months: 1, suffix: '1m_ago', en: 'one month ago', zh: '一个月前' },
  { months: 2, suffix: '2m_ago', en: 'two months ago', zh: '两个月前' },
  { months: 3, suffix: '3m_ago', en: 'three months ago', zh: '三个月前' },
  { months: 4, suffix: '4m_ago', en: 'four months ago', zh: '四个月前' },
  { months: 5, suffix: '5m_ago', en: 'five months ago', zh: '五个月前' },
]
