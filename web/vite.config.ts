import { resolve } from 'node:path'
import { defineConfig, type Plugin, runnerImport } from 'vite'

// While pages are written, `npm run dev` serves them and asks this server for everything else.
const server = process.env.GOALARC_SERVER ?? 'http://127.0.0.1:8000'

/** Tells the server what its own pages ask. */
const documents: Plugin = {
  name: 'goalarc-documents',
  apply: 'build',
  async generateBundle() {
    const { module } = await runnerImport<typeof import('./documents')>(resolve('documents.ts'))
    const source = `${JSON.stringify(module.sentTexts(), null, 1)}\n`
    this.emitFile({ type: 'asset', fileName: 'documents.json', source })
  },
}

export default defineConfig({
  base: './',
  logLevel: 'warn',
  plugins: [documents],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      // The same module under two names, and one that is worth half a megabyte: see there.
      { find: 'prettier/parser-graphql', replacement: 'prettier/plugins/graphql' },
      { find: /^prettier\/(plugins\/estree|parser-babel)$/, replacement: resolve('graphiql/json_format.ts') },
    ],
  },
  worker: { format: 'es' },
  build: {
    outDir: process.env.GOALARC_PAGE_DIR ?? '../server/static',
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0, // what became a file and what a text differed from build to build
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
