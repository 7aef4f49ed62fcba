/** `harbinger-server reproduce`: makes a logged decision again, and says whether it comes out the same to the byte. */

import { Command } from 'commander'
import { z } from 'zod'
import { exitCodes, InputError } from '../data/index.ts'
import { compilePolicy, loadModel, openRegistry } from '../models/index.ts'
import { readConfig } from './config.ts'
import { keptPolicy, keptRulePacks, policyFolder } from './decisions/policy-archive.ts'
import { loggedSchema, reproduceAnswer } from './decisions/reproduce.ts'
import { withStore } from './store/borrow-store.ts'
import { decisionColumns, readDecision } from './store/decision-rows.ts'

/** Makes the command. */
export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description(
      'Makes a logged decision again from its request, model, policy and rule packs, and compares the bytes.',
    )
    .argument('<decision>', '`decisionId` of an answer')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  harbinger-server reproduce 0d5c7a3e-7c1b-4b0e-9d2e-5a1f2b3c4d5e')
    .action(async (given: string, { json }: { json?: boolean }) => {
      const id = decisionId(given)
      const config = readConfig()
      const [row] = await withStore({ folder: config.store, url: config.databaseUrl }, database =>
        database.query(`select ${decisionColumns} from decisions d where d.id = $1::uuid`, [id]),
      )
      if (row === undefined) throw noDecision(id, 'a decision of this store')
      const logged = await readDecision(row).payload()
      const said = loggedSchema.safeParse(JSON.parse(logged.answer.toString()))
      if (!said.success) throw noDecision(id, 'a decision by a policy: scores of other protocols hold none')
      const { model, policy, decided } = said.data
      const folder = policyFolder(config.store)
      const { folder: saved } = openRegistry(config.models).resolve(`${model.name}/${model.version}`)
      const loaded = await loadModel(saved)
      try {
        const kept = compilePolicy(keptPolicy(folder, policy.hash))
        const again = await reproduceAnswer(logged, loaded, kept, keptRulePacks(folder, decided.rulePacks))
        const same = Buffer.from(again).equals(logged.answer)
        const report = {
          decisionId: id,
          same,
          bytes: logged.answer.length,
          model: `${model.name}/${model.version}`,
          policy: policy.hash,
          rulePacks: decided.rulePacks,
        }
        if (json) console.log(JSON.stringify(report))
        else {
          console.log(
            same
              ? `The same, to the byte (${report.bytes} bytes): model ${report.model}, policy ${policy.hash}, rule packs ${decided.rulePacks}.`
              : 'Not the same: the log was altered, or the engine computes otherwise than the one that decided.',
          )
        }
        if (!same) process.exitCode = exitCodes.badInput
      } finally {
        loaded.dispose()
      }
    })
}

function decisionId(text: string): string {
  const id = z.uuid().safeParse(text)
  if (!id.success) throw noDecision(text, 'the id of a decision, a UUID')
  return id.data
}

function noDecision(found: string, expected: string): InputError {
  return new InputError({ source: 'decision', found, expected, rule: 'decision-not-found' })
}
