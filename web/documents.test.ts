import { cacheExchange, createClient, fetchExchange } from '@urql/core'
import { expect, test } from 'vitest'
import { asSent } from './documents'

const FRAGMENT = 'fragment Line on SubSession { id session { id } }'
const TEXTS = [
  `\n    query One($id: ID!) {\n  subSession(id: $id) { ...Line }\n}\n    ${FRAGMENT}`,
  'mutation Two($input: RenameSubSessionInput!) { renameSubSession(input: $input) { subSession { ...Line } } } ' +
    FRAGMENT,
]

test.each(TEXTS)('a document is known by the text that the client sends', async (text) => {
  const sent: string[] = []
  const client = createClient({
    url: 'http://localhost/graphql',
    preferGetMethod: false,
    exchanges: [cacheExchange, fetchExchange],
    fetch: async (_, init) => {
      sent.push(JSON.parse(String(init?.body)).query)
      return new Response('{"data":null}', { headers: { 'content-type': 'application/json' } })
    },
  })
  await (text.includes('mutation') ? client.mutation(text, {}) : client.query(text, {})).toPromise()
  expect(sent).toEqual([asSent(text)])
})
