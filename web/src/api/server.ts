/** Where this page's own server answers, also below the path of a proxy. */
export const HTTP = new URL('graphql', document.baseURI).href
export const SOCKET = HTTP.replace(/^http/, 'ws')
/** How a socket is closed whose key the server does not know. */
export const BAD_KEY = 4403
