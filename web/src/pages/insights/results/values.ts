/** A name in a sentence: one that runs the other way does not turn what follows it. */
export const inSentence = (name: string): string =>
  /[\u0590-\u08ff]/.test(name) ? `\u2068${name}\u2069` : name

/** Values of a breakdown, as results tell them. */
interface BrokenDown {
  breakdown: readonly (string | null)[]
  ofRest: boolean
}

/** A value in words; empty where nothing is told apart. */
export const valueInWords = ({ breakdown, ofRest }: BrokenDown): string =>
  ofRest ? 'others' : breakdown.map((one) => (one === null || one === '' ? 'none' : one)).join(', ')

/** The part of a point that says which value it is of. */
export const told = ({ breakdown }: BrokenDown): { breakdown?: (string | null)[] } =>
  breakdown.length ? { breakdown: [...breakdown] } : {}
