/** `harbinger-server verify`: has anybody altered, taken out or moved a decision? */

import { Command } from 'commander'
import { exitCodes, InputError } from '../data/index.ts'
import { readConfig } from './config.ts'
import { withStore } from './store/borrow-store.ts'
import { verifyChain } from './store/verify-chain.ts'

/** Makes the command. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Verifies the chain of decisions, and says which rows were altered, are missing or were moved.')
    .option('--head <seq:hash>', 'an end of the chain noted earlier, to find rows that were taken off the end')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  harbinger-server verify --head 1200:4f0c…')
    .action(async ({ head, json }: { head?: string; json?: boolean }) => {
      const config = readConfig()
      const anchor = head === undefined ? undefined : parseHead(head)
      const report = await withStore({ folder: config.store, url: config.databaseUrl }, database =>
        verifyChain(database, anchor),
      )
      if (json) console.log(JSON.stringify(report))
      else {
        for (const { kind, says, id } of report.findings)
          console.log(`${kind}: ${says}${id === null ? '' : ` (decision ${id})`}`)
        console.log(
          `${report.rows} decisions, ${report.findings.length} findings; head ${report.head.seq}:${report.head.hash}`,
        )
      }
      if (report.findings.length > 0) process.exitCode = exitCodes.badInput
    })
}

function parseHead(text: string): { seq: number; hash: string } {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq === undefined || hash === undefined) {
    throw new InputError({ source: '--head', found: text, expected: 'number:hash, as verify prints it' })
  }
  return { seq: Number(seq), hash }
}
