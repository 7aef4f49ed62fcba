/** Every path of the server, its methods, and whose words its errors speak. */

/** Who defined a path, and with it the form of its errors. */
export type Protocol = 'native' | 'open-inference' | 'tensorflow-serving' | 'invocations'

/** A method of the table. */
export type Method = 'get' | 'post' | 'delete'

/** Paths as OpenAPI writes them. */
export const routes = {
  '/v1/scores': ['post'],
  '/v1/scores/batch': ['post'],
  '/v1/accounts/classify': ['post'],
  '/v1/plans/what-if': ['post'],
  '/v1/contacts/permit': ['post'],
  '/v1/contacts': ['post'],
  '/v1/promises': ['post'],
  '/v1/worklist': ['get'],
  '/v1/alerts': ['get'],
  '/v1/outcomes': ['post'],
  '/v1/decisions/{id}': ['get'],
  '/v1/models': ['get'],
  '/v1/models/{name}/versions': ['get'],
  '/v1/models/{name}/versions/{version}/promote': ['post'],
  '/v1/models/{name}/versions/{version}/rollback': ['post'],
  '/v1/models/{name}/versions/{version}/shadow': ['post', 'delete'],
  '/v1/models/{name}': ['get'],
  '/v1/models/{name}/metadata': ['get'],
  '/v1/models/{name}:predict': ['post'],
  '/v1/models/{name}/versions/{version}': ['get'],
  '/v1/models/{name}/versions/{version}/metadata': ['get'],
  '/v1/models/{name}/versions/{version}:predict': ['post'],
  '/v1/models/{name}/labels/{label}': ['get'],
  '/v1/models/{name}/labels/{label}/metadata': ['get'],
  '/v1/models/{name}/labels/{label}:predict': ['post'],
  '/invocations': ['post'],
  '/endpoints/{name}/invocations': ['post'],
  '/ping': ['get'],
  '/health': ['get'],
  '/version': ['get'],
  '/metrics': ['get'],
  '/v2': ['get'],
  '/v2/health/live': ['get'],
  '/v2/health/ready': ['get'],
  '/v2/models/{name}': ['get'],
  '/v2/models/{name}/ready': ['get'],
  '/v2/models/{name}/infer': ['post'],
  '/v2/models/{name}/versions/{version}': ['get'],
  '/v2/models/{name}/versions/{version}/ready': ['get'],
  '/v2/models/{name}/versions/{version}/infer': ['post'],
  '/v2/repository/index': ['post'],
  '/healthz': ['get'],
  '/readyz': ['get'],
  '/openapi.json': ['get'],
} as const satisfies Record<string, readonly Method[]>

/** A path of the table. */
export type RoutePath = keyof typeof routes

/** A path found in the table. */
export interface FoundRoute {
  readonly path: RoutePath
  readonly methods: readonly Method[]
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
  return { path, methods: routes[path], protocol: protocolOf(path) }
}

/** The route that a request's path means; undefined if there is none. A slash at the end makes no difference. */
export function findRoute(path: string): FoundRoute | undefined {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return literal.get(trimmed) ?? patterns.find(({ pattern }) => pattern.test(trimmed))?.route
}
