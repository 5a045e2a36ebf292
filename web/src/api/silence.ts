/** How long a connection may be silent when it is tried, and how long it may take to come about. */
const SILENCE_MS = 5_000
const CONNECT_MS = 10_000

/**
 * Ends a connection over which nothing comes when something should: a network that went away says nothing by itself.
 * It is not closed, since a browser waits for a minute to hear of that from the other side.
 */
export function watched(end: () => void) {
  let timer = 0
  const heard = () => clearTimeout(timer)
  const wait = (ms: number) => {
    heard()
    timer = window.setTimeout(end, ms)
  }
  const on = {
    connecting: () => wait(CONNECT_MS),
    connected: heard,
    ping: (received: boolean) => {
      if (!received) wait(SILENCE_MS)
    },
    pong: (received: boolean) => {
      if (received) heard()
    },
  }
  return { heard, on }
}
