/** A policy in words: what `harbinger policy show` prints. */

import type { Policy } from './read-policy.ts'

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`

/** Describes a policy, a line or a list item at a time, in Markdown. */
export function describePolicy({ file, hash }: Policy): string {
  const { scale, grades, warning, holdOut, worklist, care, credit } = file
  const days = ({ from, below }: { from: number; below: number | null }): string =>
    below === null
      ? `from ${from} days past due`
      : below === from + 1
        ? `${from} days past due`
        : `${from}–${below - 1} days past due`
  const lines = [
    `# Policy ${file.name}, version ${file.version} (${hash})`,
    '',
    file.says,
    `In force from ${file.effectiveFrom}; amounts in ${file.currency}.`,
    '',
    '## Grade and points',
    '',
    `PD within ${grades.horizonMonths} months: ${grades.ranges.map(({ grade, from }) => `${grade} from ${percent(from)}`).join(', ')}.`,
    `A grade moves when a boundary is crossed by ${percent(grades.moveMargin)}, or after ${grades.moveAfterScorings} scorings in a row beyond it.`,
    `${scale.baseScore} points at odds of ${scale.baseOdds} good to 1 bad; ${scale.pointsToDoubleOdds} points more double the odds.`,
    '',
    '## Warning level',
    '',
    `PD within ${warning.horizonMonths} months: ${warning.levels.map(({ level, from }) => `${level} from ${percent(from)}`).join(', ')}.`,
    ...(warning.rise === null
      ? []
      : [
          `One level more if PD has grown ${warning.rise.times} times and by ${percent(warning.rise.atLeast)} since the last scoring.`,
        ]),
    `A level stays for ${warning.quietDays} days after a change, unless it turns red.`,
    warning.budget === null
      ? 'The number of warnings is not limited.'
      : `At most ${warning.budget.warnings} accounts are at ${warning.budget.from} or above.`,
    '',
    '## Treatment',
    '',
    'Before all else, the stop list:',
    ...Object.entries(file.stops).map(
      ([stop, { treatment, contact }]) =>
        `- ${stop}: ${treatment}; contact ${contact.length === 0 ? 'for nothing' : `only for ${contact.join(' and ')}`}.`,
    ),
    '',
    'Then, in this order:',
    ...file.exceptions.map(({ id, when, treatment, says }) => {
      const { daysPastDue, classes, ...lists } = when
      const conditions = [
        ...Object.entries(lists).map(([key, values]) => `${words(key)} ${values?.join(' or ')}`),
        ...Object.entries(classes ?? {}).map(([clock, values]) => `class by ${clock} ${values.join(' or ')}`),
        ...(daysPastDue === undefined ? [] : [days(daysPastDue)]),
      ]
      return `- ${treatment} (${id}) for ${conditions.join(', ')}.${says === undefined ? '' : ` ${says}`}`
    }),
    '',
    'Else:',
    ...file.table.map(
      row =>
        `- ${days(row.daysPastDue)}, grades ${row.grades.join(', ')}${row.levels === undefined ? '' : `, levels ${row.levels.join(', ')}`}: ${row.treatment}.${row.says === undefined ? '' : ` ${row.says}`}`,
    ),
    '',
    '| Treatment | Cost | Saves of the expected loss | By | For | Channels |',
    '| --- | ---: | ---: | --- | --- | --- |',
    ...Object.entries(file.treatments).map(
      ([name, one]) =>
        `| ${name}${one.signOff ? ' (after a person’s signature)' : ''} | ${one.cost} | ${percent(one.effect)} | ${one.by} | ${one.purpose ?? '–'} | ${one.channels.join(', ') || '–'} |`,
    ),
    '',
    `${percent(holdOut.share)} of borrowers are left without ${holdOut.treatments.join(', ')}, so that their effect can be measured.`,
    '',
    '## Contact',
    '',
    `Borrowers live in ${file.contact.jurisdiction} unless a request says otherwise. Every pack that applies must allow a contact:`,
    ...file.contact.packs.map(
      pack =>
        `- ${pack.id} ${pack.version} (${pack.jurisdiction}, from ${pack.effectiveFrom}): ${pack.says} ${pack.windows
          .map(({ days: on, from, to }) => `${on === undefined ? 'Every day' : on.join(', ')} ${from}–${to}.`)
          .join(' ')}${pack.frequency.map(({ says }) => ` ${says}`).join('')}`,
    ),
    '',
    '## Worklist, promises, care and credit',
    '',
    `Expected saving = probability × exposure × ${percent(worklist.lossGivenDefault)} × effect − cost; ${percent(worklist.reservedShare)} of the places go to those who have waited ${worklist.longestWaitDays} days or longer.`,
    `A promise is kept if paid by its date and ${file.promises.graceDays} days after.`,
    `A borrower is given at most ${care.reasonsAtMost} reasons, and what to pay within ${care.payWithinDays} days.`,
    `Credit: ${Object.entries(credit.actions)
      .map(([level, action]) => `${level} ${action}`)
      .join(', ')}; a notice of adverse action is due within ${credit.noticeDays} days.`,
    '',
    '## Sources',
    '',
    ...Object.entries(file.sources).map(
      ([name, { kind, says, url }]) => `- ${name} (${kind}): ${says}${url === undefined ? '' : ` <${url}>`}`,
    ),
    '',
  ]
  return lines.join('\n')
}

function words(key: string): string {
  return key.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}
