import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadModel, openRegistry } from '../../models/index.ts'
import { writeTinyModel } from './tiny-model.ts'

const disk = mkdtempSync(join(tmpdir(), 'harbinger-full-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
})

test.skipIf(!mounted)(
  'a disk that is full while a model is written leaves nothing half-written (skipped where no disk can be mounted)',
  async () => {
    const registry = openRegistry(disk)
    await writeTinyModel(disk)
    registry.promote('tiny', 1)
    const aliases = readFileSync(join(disk, 'aliases.json'), 'utf8')

    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - 2 * bsize)) // room for some files, not for all
    await expect(writeTinyModel(disk)).rejects.toThrow('ENOSPC')
    expect(readdirSync(join(disk, 'tiny'))).toEqual(['1'])

    const rest = statfsSync(disk)
    writeFileSync(join(disk, 'more'), Buffer.alloc(rest.bavail * rest.bsize))
    expect(() => registry.withdraw('champion')).toThrow('ENOSPC')
    expect(readFileSync(join(disk, 'aliases.json'), 'utf8')).toBe(aliases)
    expect(readdirSync(disk).filter(name => name.startsWith('aliases.json.'))).toEqual([])
    expect(existsSync(join(disk, '.aliases.lock'))).toBe(false)

    rmSync(join(disk, 'ballast'))
    expect((await writeTinyModel(disk)).manifest.version).toBe(2)
    const model = await loadModel(registry.resolve('champion').folder)
    expect(model.manifest.version).toBe(1)
    model.dispose()
  },
)
