import { useState } from 'preact/hooks'
import type { Told } from './telling'

/** Rows whose long text is shown, by their event; null while it is fetched. `whole` fetches all of an event's text. */
export function useOpened(whole: (told: Told) => Promise<string>) {
  const [opened, setOpened] = useState<ReadonlyMap<string, string | null>>(new Map())
  const put = (id: string, text: string | null) => setOpened((now) => new Map(now).set(id, text))
  const open = async (told: Told) => {
    if (opened.has(told.id)) return setOpened((now) => without(now, told.id))
    if (!told.cut) return put(told.id, told.body)
    put(told.id, null)
    const text = await whole(told)
    setOpened((now) => (now.has(told.id) ? new Map(now).set(told.id, text) : now))
  }
  return { opened, open }
}

function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  const rest = new Map(map)
  rest.delete(key)
  return rest
}
