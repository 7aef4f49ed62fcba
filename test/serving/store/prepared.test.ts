import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../serving/store/database.ts'
import { describeEachDatabase } from './each-database.ts'

describeEachDatabase((open, kind) => {
  let database: Database
  beforeAll(async () => {
    database = open()
    await database.execute('create table numbers (n int primary key, text text)')
  })
  beforeEach(() => database.execute('truncate numbers'))

  const add = 'insert into numbers (n, text) values ($1, $2)'
  const all = 'select n, text from numbers order by n'

  test('a statement gives the same however often it is run, with other parameters each time', async () => {
    for (let n = 1; n <= 12; n += 1) {
      await database.query(add, [n, n % 2 === 0 ? null : `text ${n}`])
      expect(await database.query('select $1::int + 1 as next, $2::text as text', [n, null])).toEqual([
        { next: n + 1, text: null },
      ])
    }
    expect((await database.query(all)).map(({ n, text }) => [n, text])).toEqual(
      Array.from({ length: 12 }, (_, place) => [place + 1, place % 2 === 0 ? `text ${place + 1}` : null]),
    )
  })

  test('lists, JSON and truths go in and out', async () => {
    const statement =
      'select $1::text[] as texts, $2::int[] as numbers, $3::json as json, $4::bool as truth, 0.5::float8 as half'
    for (let time = 0; time < 2; time += 1) {
      expect(await database.query(statement, [['a', 'b"c,{'], [1, 2], '{"deep":[1,null]}', true])).toEqual([
        { texts: ['a', 'b"c,{'], numbers: [1, 2], json: { deep: [1, null] }, truth: true, half: 0.5 },
      ])
    }
  })

  test('one that fails leaves the next as it was', async () => {
    await database.query(add, [1, 'one'])
    for (let time = 0; time < 3; time += 1) {
      await expect(database.query(add, [1, 'again'])).rejects.toThrow('duplicate key')
      await expect(database.query('select 1 / $1::int as quotient', [0])).rejects.toThrow('division by zero')
      await expect(database.query('selekt 1')).rejects.toThrow('syntax error')
      expect(await database.query(all)).toEqual([{ n: 1, text: 'one' }])
    }
  })

  test('a transaction that fails is undone, and its statements can be run again', async () => {
    const failing = database.transaction(async inside => {
      await inside.query(add, [2, 'two'])
      await inside.query(add, [2, 'twice'])
    })
    await expect(failing).rejects.toThrow('duplicate key')
    expect(await database.query(all)).toEqual([])
    await database.transaction(inside => inside.query(add, [2, 'two']))
    expect(await database.query(all)).toEqual([{ n: 2, text: 'two' }])
  })

  test('nobody sees half of a transaction, and statements of others wait for its end', async () => {
    const seen: unknown[] = []
    const whole = database.transaction(async inside => {
      await inside.query(add, [3, 'three'])
      await new Promise(resolve => setTimeout(resolve, 20))
      await inside.query(add, [4, 'four'])
    })
    const others = Array.from({ length: 5 }, async () => {
      seen.push((await database.query('select count(*)::int as n from numbers'))[0]?.n)
    })
    await Promise.all([whole, ...others])
    expect(seen.filter(n => n === 1)).toEqual([])
    expect(await database.query(all)).toHaveLength(2)
  })

  // A server of PostgreSQL has its autovacuum for that.
  if (kind === 'PGlite') {
    test('a plan made for a small table is not kept for a large one', async () => {
      // PostgreSQL reckons with a hundred rows of each list.
      const list = 'select n from json_to_recordset($1) as list (n int)'
      const lists = Array.from({ length: 4 }, () => list).join(' union all ')
      const find = `select distinct text from numbers join (${lists}) as wanted using (n)`
      const few = ['[{"n":7},{"n":30000}]']
      const planned = async (): Promise<string> => {
        const [statement] = await database.query('select name from pg_prepared_statements where statement = $1', [find])
        const lines = await database.query(`explain execute ${String(statement?.name)} ('[]')`)
        return lines.map(line => Object.values(line)).join('\n')
      }
      for (let time = 0; time < 10; time += 1) await database.query(find, few)
      expect(await planned()).toContain('Seq Scan on numbers')
      await database.query('insert into numbers (n, text) select n, n::text from generate_series(1, 20000) as n')
      for (let time = 0; time < 300; time += 1) await database.query(find, few)
      expect(await planned()).toContain('Index Scan')
      expect(await database.query(find, few)).toEqual([{ text: '7' }])
    })
  }

  test('more statements than are kept are run all the same', async () => {
    for (let n = 0; n < 250; n += 1) {
      expect(await database.query(`select $1::int + ${n} as sum`, [n])).toEqual([{ sum: 2 * n }])
    }
    expect(await database.query('select $1::int + 249 as sum', [1])).toEqual([{ sum: 250 }])
  })
})
