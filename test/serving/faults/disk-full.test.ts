import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRegistry, packageFolder } from '../../../models/index.ts'
import { runServer, scoreResponseSchema } from '../../../serving/index.ts'
import { decodeRecord } from '../../../serving/store/journal-format.ts'
import { writeTinyModel } from '../../models/tiny-model.ts'
import { mountSmallDisk } from '../small-disk.ts'

const allowed = (() => {
  const disk = mountSmallDisk(64)
  disk?.remove()
  return disk !== null
})()
const example = readFileSync(join(packageFolder(), 'docs/examples/score-request.json'), 'utf8')

test.skipIf(!allowed)(
  'a disk full of spooled decisions: no score without its decision, and on again once there is room (skipped where nothing can be mounted)',
  async () => {
    const disk = mountSmallDisk(1500)!
    const models = mkdtempSync(join(tmpdir(), 'harbinger-full-'))
    try {
      await writeTinyModel(models)
      openRegistry(models).promote('tiny', 1)
      const filler = join(disk.folder, 'filler')
      writeFileSync(filler, Buffer.alloc(500_000))
      const server = await runServer({
        ...process.env,
        PORT: '0',
        LOG_LEVEL: 'silent',
        HARBINGER_MODELS: models,
        HARBINGER_STORE: disk.folder,
        HARBINGER_AUTH: 'none', // no keys can be read either
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing', // nothing listens there: decisions are spooled
      })
      const answered = new Set<string>()
      const post = async (): Promise<number> => {
        const response = await fetch(`${server.url}/v1/scores`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: example,
        })
        const body: unknown = await response.json()
        if (response.status === 200) answered.add(scoreResponseSchema.parse(body).decisionId)
        else expect(body).toMatchObject({ type: '/problems/store-unavailable' })
        return response.status
      }
      let status = 200
      for (let request = 0; request < 2000 && status === 200; request += 1) status = await post()
      expect(status).toBe(503)
      const before = answered.size
      expect(before).toBeGreaterThan(10)
      expect(await post()).toBe(503)
      rmSync(filler)
      for (let request = 0; request < 10; request += 1) expect(await post()).toBe(200)
      await server.close()
      const logged = new Set<string>()
      const journals = join(disk.folder, 'journal')
      for (const name of readdirSync(journals)) {
        const bytes = readFileSync(join(journals, name))
        for (let place = 0; place < bytes.length; ) {
          const record = decodeRecord(bytes, place)
          if (record.kind !== 'record') throw new Error(`${name} is ${record.kind} at ${place}`)
          logged.add(record.record.head.id)
          place = record.end
        }
      }
      for (const id of answered) expect(logged).toContain(id)
      expect(answered.size).toBe(before + 10)
    } finally {
      disk.remove()
      rmSync(models, { recursive: true, force: true })
    }
  },
)
