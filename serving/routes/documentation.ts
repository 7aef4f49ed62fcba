/** `/openapi.json` and `/docs`: the API's description, and a page to read and try it, all from local files. */

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import express, { type Request, type Response, Router } from 'express'
import { openApiDocument } from '../openapi.ts'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harbinger API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const script = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, defaultModelsExpandDepth: 0 })
`

/** Adds the routes. */
export function documentationRoutes(): Router {
  const router = Router()
  const document = JSON.stringify(openApiDocument())
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

  router.get('/', (_: Request, response: Response) => response.redirect('/docs'))
  router.get('/openapi.json', (_: Request, response: Response) => {
    response.type('json').send(document)
  })
  router.get('/docs', (_: Request, response: Response) => {
    response.type('html').send(page)
  })
  router.get('/docs/start.js', (_: Request, response: Response) => {
    response.type('text/javascript').send(script)
  })
  router.use('/docs/assets', express.static(assets, { index: false, maxAge: '1h' }))
  return router
}
