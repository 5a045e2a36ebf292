/** What GraphiQL may keep in the browser: texts and settings, but no headers and no key, wherever one was written. */
export interface Kept {
  getItem: (name: string) => string | null
  setItem: (name: string, value: string) => void
  removeItem: (name: string) => void
  clear: () => void
  readonly length: number
}

const OURS = 'graphiql:'
const PURE = [`${OURS}headers`]

export function withoutSecrets(storage: Storage, key: () => string | null): Kept {
  const names = () => Object.keys(storage).filter((name) => name.startsWith(OURS))
  return {
    getItem: (name) => storage.getItem(name),
    setItem: (name, value) => {
      if (!PURE.includes(name)) storage.setItem(name, cleaned(value, key()))
    },
    removeItem: (name) => storage.removeItem(name),
    clear: () => {
      for (const name of names()) storage.removeItem(name)
    },
    get length() {
      return names().length
    },
  }
}

/** The history keeps the headers of each request beside its text, and has no setting for that. */
function cleaned(value: string, key: string | null): string {
  const plain = key ? value.replaceAll(key, '…') : value
  if (!plain.includes('"headers"')) return plain
  try {
    return JSON.stringify(JSON.parse(plain, (name, part) => (name === 'headers' ? null : part)))
  } catch {
    return plain
  }
}
