import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JournalFile, journalEndings, openJournal } from '../../../serving/store/journal.ts'
import { decodeRecord, encodeRecord, type JournalRecord } from '../../../serving/store/journal-format.ts'
import { isWriterAlive, writerName } from '../../../serving/store/journal-writer-name.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'harbinger-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function record(number: number, text = 'answer'): JournalRecord {
  return {
    head: {
      id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      decidedAt: '2024-01-01T00:00:00.000Z',
      caller: null,
      route: '/v1/scores',
    },
    request: Buffer.from('{"asOf":\n"2024-01-31"}'),
    answer: Buffer.from(`${text} 逾期 ${number}`),
  }
}

/** All records of a file, and how its end looks. */
function read(bytes: Uint8Array): { numbers: number[]; ending: string } {
  const numbers: number[] = []
  let place = 0
  while (place < bytes.length) {
    const decoded = decodeRecord(bytes, place)
    if (decoded.kind !== 'record') return { numbers, ending: decoded.kind }
    numbers.push(Number(decoded.record.head.id.slice(-12)))
    place = decoded.end
  }
  return { numbers, ending: 'whole' }
}

const contents = (): { numbers: number[]; ending: string }[] =>
  readdirSync(folder)
    .sort()
    .map(name => read(readFileSync(join(folder, name))))

test('a record comes out as it went in', () => {
  const bytes = Buffer.concat([...encodeRecord(record(1)), ...encodeRecord(record(2))])
  const first = decodeRecord(bytes, 0)
  expect(first).toMatchObject({ kind: 'record', record: { head: record(1).head } })
  if (first.kind !== 'record') throw new Error('no record')
  expect(Buffer.from(first.record.request)).toEqual(record(1).request)
  expect(Buffer.from(first.record.answer).toString()).toBe('answer 逾期 1')
  expect(read(bytes)).toEqual({ numbers: [1, 2], ending: 'whole' })
})

test('wherever a crash cuts a record off, those before it are read and it is not', () => {
  const [one, two] = [Buffer.concat(encodeRecord(record(1))), Buffer.concat(encodeRecord(record(2)))]
  for (let length = 1; length < two.length; length += 1) {
    expect(read(Buffer.concat([one, two.subarray(0, length)])), String(length)).toEqual({ numbers: [1], ending: 'cut' })
  }
})

test('whichever byte is altered, the record is not taken for a good one', () => {
  const bytes = Buffer.concat(encodeRecord(record(1)))
  for (let place = 0; place < bytes.length; place += 1) {
    const altered = Buffer.from(bytes)
    altered[place] = (altered[place] ?? 0) ^ 1
    expect(decodeRecord(altered, 0).kind, String(place)).not.toBe('record')
  }
})

test('records that come while a write is under way share the next one', async () => {
  let writes = 0
  const openFile = async (path: string, flags: number): Promise<JournalFile> => {
    const file = await open(path, flags)
    return {
      writev: async (pieces: readonly Uint8Array[]) => {
        writes += 1
        return file.writev(pieces)
      },
      truncate: length => file.truncate(length),
      close: () => file.close(),
    }
  }
  const journal = openJournal({ folder, waitFor: 'disk', openFile })
  await Promise.all(Array.from({ length: 200 }, (_, number) => journal.append(record(number))))
  await journal.close()
  expect(writes).toBe(2) // the first, and one for the 199 that came meanwhile
  expect(contents()).toEqual([{ numbers: Array.from({ length: 200 }, (_, number) => number), ending: 'whole' }])
})

test('a record is in the file once its append has resolved', async () => {
  const journal = openJournal({ folder, waitFor: 'system' })
  await journal.append(record(7))
  expect(contents()).toEqual([{ numbers: [7], ending: 'whole' }])
  await journal.close()
})

test('a new file begins where one is full, and full files are sealed', async () => {
  const journal = openJournal({ folder, waitFor: 'system', fileBytes: 1000 })
  for (let number = 0; number < 10; number += 1) await journal.append(record(number))
  const names = readdirSync(folder).sort()
  expect(names.slice(0, -1).every(name => name.endsWith(journalEndings.sealed))).toBe(true)
  expect(names.at(-1)).toMatch(/\.journal$/)
  expect(contents().flatMap(({ numbers }) => numbers)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  await journal.close()
  expect(readdirSync(folder).every(name => name.endsWith(journalEndings.sealed))).toBe(true)
})

test('on a full disk the append fails, what was half written is cut off, and the next one succeeds', async () => {
  let room = 900
  const openFile = async (path: string, flags: number): Promise<JournalFile> => {
    const file = await open(path, flags)
    return {
      // As the kernel does it: it writes what fits, and says how much that was.
      writev: async (pieces: readonly Uint8Array[]) => {
        const bytes = Buffer.concat(pieces)
        const written = bytes.subarray(0, room)
        room -= written.length
        if (written.length > 0) await file.write(written)
        else throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
        return { bytesWritten: written.length }
      },
      truncate: length => file.truncate(length),
      close: () => file.close(),
    }
  }
  const journal = openJournal({ folder, waitFor: 'system', openFile })
  const kept: number[] = []
  for (let number = 0; number < 6; number += 1) {
    await journal.append(record(number)).then(
      () => kept.push(number),
      (error: NodeJS.ErrnoException) => expect(error.code).toBe('ENOSPC'),
    )
  }
  expect(kept.length).toBeGreaterThan(1)
  expect(kept.length).toBeLessThan(6)
  room = 1e6
  await journal.append(record(9))
  await journal.close()
  expect(contents().flatMap(({ numbers }) => numbers)).toEqual([...kept, 9])
  expect(new Set(contents().map(({ ending }) => ending))).toEqual(new Set(['whole']))
})

test('a journal’s name tells whether its process still runs', () => {
  const name = writerName()
  expect(isWriterAlive(`${name}-000001.journal`)).toBe(true)
  const [pid, since, random] = name.split('.')
  expect(isWriterAlive(`${pid}.${Number(since) + 1}.${random}-000001.journal`)).toBe(process.platform !== 'linux') // the id is used again
  const { pid: gone } = spawnSync('true')
  expect(isWriterAlive(`${gone}.${since}.${random}-000001.journal`)).toBe(false)
})
