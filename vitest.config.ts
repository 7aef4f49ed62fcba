import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    testTimeout: 600_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
})
