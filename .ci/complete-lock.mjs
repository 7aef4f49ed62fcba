// Completes package-lock.json after `npm install --package-lock-only` against a partial registry mirror.
// npm leaves out the platform packages (binaries for other systems) that the mirror at hand doesn't serve,
// and `npm ci` then refuses the lock. Their exact versions stand in the packages that name them, so they can be
// written in; npm skips them where `os` and `cpu` don't match. usage: node .ci/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const added = []
for (const [where, entry] of Object.entries(lock.packages)) {
  if (where === '') continue
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const at = `node_modules/${name}`
    if (lock.packages[at] !== undefined || lock.packages[`${where}/${at}`] !== undefined) continue
    const words = name.split(/[/-]/)
    const os = words.includes('windows') ? 'win32' : systems.find(system => words.includes(system))
    const cpu =
      processors.find(processor => words.includes(processor)) ??
      processors.find(processor => words.some(word => word.startsWith(processor)))
    if (!/^\d/.test(version) || cpu === undefined) {
      console.error(`left out: ${name}@${version} (named by ${where}): no exact version or no processor in its name`)
      continue
    }
    lock.packages[at] = {
      version,
      cpu: [cpu],
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...(os === undefined ? {} : { os: [os] }),
    }
    added.push(`${name}@${version}`)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added.length} platform packages written in`)
