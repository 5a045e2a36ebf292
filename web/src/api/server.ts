import { placed } from './placed'

/** Where this page's own server answers. */
export const HTTP = placed('/graphql')
export const SOCKET = HTTP.replace(/^http/, 'ws')
/** How a socket is closed whose key the server does not know. */
export const BAD_KEY = 4403
