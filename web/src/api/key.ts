/** The key that was pasted: kept by this tab until it is closed or the person signs out, never longer. */
const NAME = 'goalarc.key'

export const storedKey = (): string | null => sessionStorage.getItem(NAME)

export const keepKey = (key: string): void => sessionStorage.setItem(NAME, key)

export const forgetKey = (): void => sessionStorage.removeItem(NAME)
