import { expect, test } from 'vitest'
import { withoutSecrets } from './storage'

/** As a browser's: what is kept are own properties, so that they can be listed. */
function browser(): Storage {
  const methods = {
    getItem(this: Record<string, string>, name: string) {
      return this[name] ?? null
    },
    setItem(this: Record<string, string>, name: string, value: string) {
      this[name] = value
    },
    removeItem(this: Record<string, string>, name: string) {
      delete this[name]
    },
  }
  return Object.create(methods) as Storage
}

const everything = (storage: Storage) => JSON.stringify({ ...storage })

test('neither headers nor the key are kept, wherever they stand', () => {
  const storage = browser()
  const kept = withoutSecrets(storage, () => 'gck_mine')
  const history = [{ query: '{ viewer { email } }', headers: '{"Authorization": "Bearer gck_another"}' }]
  kept.setItem('graphiql:queries', JSON.stringify({ queries: history }))
  kept.setItem('graphiql:headers', '{"X-API-Key": "gck_another"}')
  kept.setItem('graphiql:query', '# gck_mine\n{ viewer { email } }')
  expect(everything(storage)).not.toContain('gck_')
  expect(JSON.parse(kept.getItem('graphiql:queries') ?? '').queries[0].query).toBe('{ viewer { email } }')
})

test('what others keep is left alone', () => {
  const storage = browser()
  storage.setItem('other', 'stays')
  const kept = withoutSecrets(storage, () => null)
  kept.setItem('graphiql:theme', 'dark')
  expect(kept.length).toBe(1)
  kept.clear()
  expect([kept.length, kept.getItem('other')]).toEqual([0, 'stays'])
})
