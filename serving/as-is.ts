/**
 * Tells of a value at once whether its zod schema would give it back as it is: then it needs no parsing.
 *
 * zod makes two objects for every field it looks at, and a copy of the whole; a request has a thousand fields, and most
 * are as they should be. What is asked is read from the schema itself and written as one program, as zod's own compiler
 * does. Of anything else (what is wrong, what would be changed, kinds of schema not known here) the answer is no, and
 * zod has its say.
 */

import type { z } from 'zod'

/** Would the schema give the value back as it is? Defaults of what is left out are filled in on the way. */
type Test = (value: unknown) => boolean

const known = new WeakMap<z.core.$ZodType, Test>()

/**
 * Does a value hold what the schema says, with nothing to change but defaults that are left out? Those are filled in.
 *
 * False means: ask zod, which gives the errors, or what the value becomes.
 */
export function isAsIs<Schema extends z.ZodType>(schema: Schema, value: unknown): value is z.output<Schema> {
  let test = known.get(schema)
  if (test === undefined) {
    test = compile(schema)
    known.set(schema, test)
  }
  return test(value)
}

/** A program being written. Nothing in it comes from a request: names and bounds are those of our own schemas. */
class Program {
  /** What it refers to, by name: checks and default values. */
  readonly constants = new Map<string, unknown>()
  readonly functions: string[] = []
  readonly #names = new Map<z.core.$ZodType, string>()

  /** The name of a constant. */
  constant(value: unknown): string {
    const name = `c${this.constants.size}`
    this.constants.set(name, value)
    return name
  }

  /** The name of a schema's own function of a value, written when it is first asked for. */
  function(schema: z.core.$ZodType, write: () => string): string {
    const before = this.#names.get(schema)
    if (before !== undefined) return before
    const name = `f${this.#names.size}`
    this.#names.set(schema, name)
    this.functions.push(`function ${name}(value) { ${write()} }`)
    return name
  }
}

function compile(schema: z.core.$ZodType): Test {
  const program = new Program()
  const whole = asked(program, schema, 'value')
  const text = `${program.functions.join('\n')}\nreturn value => ${whole}`
  try {
    // oxlint-disable-next-line no-implied-eval -- as zod's own compiler; the text is made of our schemas alone
    return new Function(...program.constants.keys(), text)(...program.constants.values()) as Test
  } catch (error) {
    if (error instanceof EvalError) return () => false // Node may be told to make no programs of texts: zod has its say
    throw error
  }
}

/** An expression that is true if what `value` names is as the schema says. */
function asked(program: Program, schema: z.core.$ZodType, value: string): string {
  const { _zod } = schema
  const checks = _zod.def.checks ?? []
  // A format, such as that of whole numbers, is a check of its own.
  const all = _zod.traits.has('$ZodCheck') ? [schema as unknown as z.core.$ZodCheck, ...checks] : checks
  const ofKind = askedOfKind(program, schema as z.core.$ZodTypes, value) // the union of all that there are
  return `(${[ofKind, ...all.map(check => askedByCheck(program, check, value))].join(' && ')})`
}

const never = 'false'

function askedOfKind(program: Program, schema: z.core.$ZodTypes, value: string): string {
  const { def } = schema._zod
  switch (def.type) {
    case 'string':
      return def.coerce ? never : `typeof ${value} === 'string'`
    case 'number':
      return def.coerce ? never : `Number.isFinite(${value})`
    case 'boolean':
      return def.coerce ? never : `typeof ${value} === 'boolean'`
    case 'null':
      return `${value} === null`
    case 'unknown':
      return 'true'
    case 'enum':
    case 'literal':
      return oneOf(program, [schema], value)
    case 'union':
      return oneOf(program, def.options, value)
    case 'nullable':
      return `(${value} === null || ${asked(program, def.innerType, value)})`
    case 'optional':
    case 'default':
      return asked(program, def.innerType, value) // of what is left out, the object that holds it decides
    case 'array':
      return `${program.function(schema, () => everyItem(program, def))}(${value})`
    case 'object':
      return `${program.function(schema, () => everyField(program, def))}(${value})`
    default:
      return never
  }
}

/** The values that enums and literals name; no for any other kind, since the first option that fits may change a value. */
function oneOf(program: Program, options: readonly z.core.$ZodType[], value: string): string {
  const named = options.every(
    ({ _zod: { def } }) => (def.type === 'enum' || def.type === 'literal') && !def.checks?.length,
  )
  if (!named) return never
  return `${program.constant(new Set<unknown>(options.flatMap(({ _zod }) => [...(_zod.values ?? [])])))}.has(${value})`
}

/** A list that is longer than it may be isn't looked through. */
function everyItem(program: Program, { element, checks = [] }: z.core.$ZodArrayDef): string {
  const limits = (checks as z.core.$ZodChecks[]).map(({ _zod: { def } }) => {
    return def.check === 'max_length' ? def.maximum : Number.POSITIVE_INFINITY
  })
  return `
    if (!Array.isArray(value) || value.length > ${Math.min(...limits)}) return false
    for (let place = 0; place < value.length; place += 1) {
      const item = value[place]
      if (!${asked(program, element, 'item')}) return false
    }
    return true`
}

/** Fields are asked for by name, and then it is counted whether there are others. */
function everyField(program: Program, { shape, catchall }: z.core.$ZodObjectDef): string {
  const entries = Object.entries(shape) as [string, z.core.$ZodTypes][]
  const isLeftOut = ({ _zod }: z.core.$ZodTypes): boolean => _zod.optin !== undefined
  // Left out, it may become something by a rule of its own.
  if (entries.some(([, field]) => isLeftOut(field) && !/^(optional|default)$/.test(field._zod.def.type)))
    return 'return false'
  const fields = entries.map(([key, field], place) => {
    const held = `held${place}`
    return `
    const ${held} = value[${JSON.stringify(key)}]
    if (${held} !== undefined) {
      if (!${asked(program, field, held)}) return false
      found += 1
    } ${isLeftOut(field) ? '' : 'else return false'}`
  })
  const defaults = entries.map(([key, { _zod }], place) => {
    if (_zod.def.type !== 'default') return ''
    return `if (held${place} === undefined) value[${JSON.stringify(key)}] = ${program.constant(_zod.def)}.defaultValue`
  })
  return `
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    let found = 0
    ${fields.join('')}
    for (const key in value) ${othersAsked(program, shape, catchall)}
    if (found !== 0) return false
    ${defaults.join('\n')}
    return true`
}

/** What is done for each key: those that the shape has are counted off, others are asked about. */
function othersAsked(program: Program, shape: z.core.$ZodShape, catchall: z.core.$ZodType | undefined): string {
  const other = catchall === undefined ? never : asked(program, catchall, 'value[key]')
  if (other === never || other === `(${never})`) return 'found -= 1'
  return `if (${program.constant(new Set(Object.keys(shape)))}.has(key)) found -= 1
      else if (!${other}) return false`
}

/** Most checks are bounds and our own: asked here as zod does, a thousand times a request. */
function askedByCheck(program: Program, check: z.core.$ZodCheck, value: string): string {
  const { def } = (check as z.core.$ZodChecks)._zod
  const bound = 'value' in def ? def.value : undefined
  if (def.check === 'less_than' && typeof bound === 'number') return `${value} ${def.inclusive ? '<=' : '<'} ${bound}`
  if (def.check === 'greater_than' && typeof bound === 'number') {
    return `${value} ${def.inclusive ? '>=' : '>'} ${bound}`
  }
  if (def.check === 'min_length') return `${value}.length >= ${def.minimum}`
  if (def.check === 'max_length') return `${value}.length <= ${def.maximum}`
  if (def.check === 'number_format' && def.format === 'safeint') return `Number.isSafeInteger(${value})`
  const fn: unknown = 'fn' in def ? def.fn : undefined
  // What a rule of ours returns is its answer; anything else than true is zod’s to read.
  if (typeof fn === 'function') return `${program.constant(fn)}(${value}) === true`
  return `${program.constant((one: unknown) => holds(check, one))}(${value})`
}

/** What checks are given; one for all, since they keep nothing. */
const payload: z.core.ParsePayload = { value: undefined, issues: [] }

function holds(check: z.core.$ZodCheck, value: unknown): boolean {
  payload.value = value
  const later = check._zod.check(payload as z.core.ParsePayload<never>)
  const same = payload.value === value
  payload.value = undefined // nothing of a borrower's stays behind
  if (payload.issues.length === 0) return later === undefined && same
  payload.issues = []
  return false
}
