/** Every path of the server, its methods and what each needs of the caller, and whose words its errors speak. */

import type { Scope } from './security/scopes.ts'

/** Who defined a path, and with it the form of its errors. */
export type Protocol = 'native' | 'open-inference' | 'tensorflow-serving' | 'invocations'

/** A method of the table. */
export type Method = 'get' | 'post' | 'delete'

/** What a call needs: a scope of the caller’s, or nothing. */
export type Requirement = Scope | 'public'

/** The methods of a path, each with what it needs. */
export type Requirements = Readonly<Partial<Record<Method, Requirement>>>

/** Paths as OpenAPI writes them. No other path is answered, so no route goes without saying what it needs. */
export const routes = {
  '/v1/scores': { post: 'score' },
  '/v1/scores/batch': { post: 'score' },
  '/v1/accounts/classify': { post: 'score' },
  '/v1/plans/what-if': { post: 'score' },
  '/v1/contacts/permit': { post: 'score' },
  '/v1/contacts': { post: 'score' },
  '/v1/promises': { post: 'score' },
  '/v1/worklist': { get: 'score' },
  '/v1/alerts': { get: 'score' },
  '/v1/outcomes': { post: 'outcomes' },
  '/v1/decisions/{id}': { get: 'score' },
  '/v1/models': { get: 'score' },
  '/v1/models/{name}/versions': { get: 'score' },
  '/v1/models/{name}/versions/{version}/promote': { post: 'admin' },
  '/v1/models/{name}/versions/{version}/rollback': { post: 'admin' },
  '/v1/models/{name}/versions/{version}/shadow': { post: 'admin', delete: 'admin' },
  '/v1/models/{name}': { get: 'score' },
  '/v1/models/{name}/metadata': { get: 'score' },
  '/v1/models/{name}:predict': { post: 'score' },
  '/v1/models/{name}/versions/{version}': { get: 'score' },
  '/v1/models/{name}/versions/{version}/metadata': { get: 'score' },
  '/v1/models/{name}/versions/{version}:predict': { post: 'score' },
  '/v1/models/{name}/labels/{label}': { get: 'score' },
  '/v1/models/{name}/labels/{label}/metadata': { get: 'score' },
  '/v1/models/{name}/labels/{label}:predict': { post: 'score' },
  '/invocations': { post: 'score' },
  '/endpoints/{name}/invocations': { post: 'score' },
  '/ping': { get: 'public' },
  '/health': { get: 'public' },
  '/version': { get: 'public' },
  '/metrics': { get: 'metrics' },
  '/v2': { get: 'public' },
  '/v2/health/live': { get: 'public' },
  '/v2/health/ready': { get: 'public' },
  '/v2/models/{name}': { get: 'score' },
  '/v2/models/{name}/ready': { get: 'score' },
  '/v2/models/{name}/infer': { post: 'score' },
  '/v2/models/{name}/versions/{version}': { get: 'score' },
  '/v2/models/{name}/versions/{version}/ready': { get: 'score' },
  '/v2/models/{name}/versions/{version}/infer': { post: 'score' },
  '/v2/repository/index': { post: 'score' },
  '/healthz': { get: 'public' },
  '/readyz': { get: 'public' },
  '/openapi.json': { get: 'public' },
} as const satisfies Record<string, Requirements>

/** A path of the table. */
export type RoutePath = keyof typeof routes

/** A path found in the table. */
export interface FoundRoute {
  readonly path: RoutePath
  readonly methods: readonly Method[]
  readonly requires: Requirements
  readonly protocol: Protocol
}

function protocolOf(path: RoutePath): Protocol {
  if (path.startsWith('/v2')) return 'open-inference'
  if (/invocations$|^\/(ping|health|version)$/.test(path)) return 'invocations'
  if (
    /^\/v1\/models\/\{name\}(:predict|\/metadata|\/labels\/.*|\/versions\/\{version\}(:predict|\/metadata)?)?$/.test(
      path,
    )
  )
    return 'tensorflow-serving'
  return 'native'
}

const literal: ReadonlyMap<string, FoundRoute> = new Map(
  paths()
    .filter(path => !path.includes('{'))
    .map(path => [path, found(path)]),
)

const patterns = paths()
  .filter(path => path.includes('{'))
  .map(path => ({
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/:]+')}$`),
    route: found(path),
  }))

function paths(): RoutePath[] {
  return Object.keys(routes) as RoutePath[]
}

function found(path: RoutePath): FoundRoute {
  return {
    path,
    methods: Object.keys(routes[path]) as Method[],
    requires: routes[path],
    protocol: protocolOf(path),
  }
}

/** The route that a request's path means; undefined if there is none. A slash at the end makes no difference. */
export function findRoute(path: string): FoundRoute | undefined {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return literal.get(trimmed) ?? patterns.find(({ pattern }) => pattern.test(trimmed))?.route
}

/** Whether a path is of the documentation’s pages, which are for people and no part of the API. */
export function isPage(path: string): boolean {
  return path === '/' || path === '/docs' || path.startsWith('/docs/')
}
