import { resolve } from 'node:path'
import { defineConfig } from 'vite'

// While pages are written, `npm run dev` serves them and asks this server for everything else.
const server = process.env.GOALARC_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: process.env.GOALARC_PAGE_DIR ?? '../server/static',
    emptyOutDir: true,
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 4_000, // kB: GraphiQL brings an editor
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog: (level, log, handle) => {
        // Marks of server components in libraries: there are none here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
      },
      input: { dashboard: resolve('index.html'), graphiql: resolve('graphiql.html') },
    },
  },
  // GraphiQL's editor is only for the build: it brings workers that are not to be made ready here.
  optimizeDeps: { entries: ['index.html'] },
  server: {
    proxy: Object.fromEntries(
      ['/graphql', '/v1', '/api', '/shared', '/docs', '/openapi.json'].map((path) => [
        path,
        { target: server, ws: true, changeOrigin: true },
      ]),
    ),
  },
})
