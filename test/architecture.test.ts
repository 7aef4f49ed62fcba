import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { packageFolder } from '../models/index.ts'
import * as metrics from '../models/metrics/index.ts'

const root = packageFolder()
const rooms = ['data', 'models', 'training', 'serving'] as const

/** Source files of a folder, as paths from the root. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(file => !file.startsWith('models/saved/'))
    .sort()
}

const files = rooms.flatMap(room => sources(room))
const text = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Rooms and doors that a file's imports enter. */
function imports(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) =>
    relative(root, join(root, file, '..', path ?? '')),
  )
}

test('every room says in a README what lives there, and every file why it exists', () => {
  for (const room of rooms) expect(existsSync(join(root, room, 'README.md')), room).toBe(true)
  expect(files.length).toBeGreaterThan(80)
  for (const file of files) expect(text(file).replace(/^#!.*\n/, ''), file).toMatch(/^\/\*\*/)
})

test('data knows no other room; models know only data; training and serving never meet', () => {
  const allowed = {
    data: ['data'],
    models: ['data', 'models'],
    training: ['data', 'models', 'training'],
    serving: ['data', 'models', 'serving'],
  }
  for (const file of files) {
    const room = file.split('/')[0] as keyof typeof allowed
    for (const target of imports(file))
      expect(allowed[room], `${file} imports ${target}`).toContain(target.split('/')[0])
  }
})

test('a room is entered by its index', () => {
  const doors = [
    'data/index.ts',
    'data/sources/index.ts',
    'data/simulator/index.ts',
    'models/index.ts',
    'training/index.ts',
    'serving/index.ts',
  ]
  for (const file of [...files, 'start.ts']) {
    for (const target of imports(file)) {
      if (target.split('/')[0] !== file.split('/')[0]) expect(doors, `${file} imports ${target}`).toContain(target)
    }
  }
})

test('the server’s closure holds no fitting, no DuckDB, no danfo and no simulator', () => {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, name] of text(file).matchAll(/from '([^.'][^']*)'/g)) packages.add(name ?? '')
    imports(file).forEach(visit)
  }
  visit('serving/cli.ts')
  expect(seen.size).toBeGreaterThan(40)
  expect([...seen].filter(file => /^training\/|^data\/(sources|simulator)\//.test(file))).toEqual([])
  expect([...packages].filter(name => /duckdb|danfo|cli-progress/.test(name))).toEqual([])
})

test('exported functions, classes, constants and types have a docstring', () => {
  for (const file of files) {
    for (const match of text(file).matchAll(
      /(\*\/)?\n(export (?:async )?(?:function\*?|class|const|interface|type) (\w+))/g,
    )) {
      expect(match[1], `${file}: ${match[3]}`).toBe('*/')
    }
  }
})

test('files stay short', () => {
  for (const file of files) expect(text(file).split('\n').length, file).toBeLessThanOrEqual(450)
})

test('every link in the documentation leads somewhere', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(root, 'docs'), { recursive: true })
      .map(name => join('docs', String(name)))
      .filter(name => name.endsWith('.md')),
  ]
  for (const page of pages) {
    for (const [, target] of text(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(join(root, page, '..', target ?? '')), `${page} → ${target}`).toBe(true)
    }
  }
})

test('every metric is documented', () => {
  const page = text('docs/reference/metrics.md')
  const functions = Object.entries(metrics).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
  const parts = ['rank', 'rankStatistics', 'logisticLine', 'logit'] // what the metrics are made of
  for (const name of functions.filter(one => !parts.includes(one))) expect(page, name).toContain(`\`${name}\``)
})

test('the README’s commands exist', () => {
  const scripts = JSON.parse(text('package.json')).scripts as Record<string, string>
  for (const [, script] of text('README.md').matchAll(/npm run (?:--silent )?([a-z-]+)/g))
    expect(scripts).toHaveProperty(script ?? '')
  for (const name of ['start', 'test', 'check', 'bench']) expect(scripts).toHaveProperty(name)
})
