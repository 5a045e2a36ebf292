import type { Language } from './schema'

/** Each by its own name, and the tag that browsers know it by. */
export const LANGUAGES: Record<Language, string> = {
  EN: 'English',
  DE: 'Deutsch',
  FR: 'Français',
  ES: 'Español',
  PT: 'Português',
  RU: 'Русский',
  JA: '日本語',
  KO: '한국어',
  ZH_HANS: '简体中文',
  ZH_HANT: '繁體中文',
}

export const tagOf = (language: Language): string =>
  ({ ZH_HANS: 'zh-Hans', ZH_HANT: 'zh-Hant' })[language as string] ?? language.toLowerCase()
