/** Where a path of the server is reached from this page: a proxy may have put both below a path of its own. */
export const placed = (path: string, page = document.baseURI): string =>
  path.startsWith('/') ? new URL(path.slice(1), page).href : path
