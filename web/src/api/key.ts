/** The key that was pasted: kept by this tab until it is closed or the person signs out, never longer. */
const NAME = 'goalarc.key'

/** Whatever is no header cannot be a key either: looked at before it is sent, since a browser would throw. */
export const canBeKey = (text: string): boolean => /^[\x21-\x7e]{1,500}$/.test(text)

export const storedKey = (): string | null => sessionStorage.getItem(NAME)

export const keepKey = (key: string): void => sessionStorage.setItem(NAME, key)

export const forgetKey = (): void => sessionStorage.removeItem(NAME)
