import type { FlagKind } from '../schema'

/** What integrity flags point at, a sentence each. */
export const FLAGS: Record<FlagKind, string> = {
  AUTO_RETRY_STORM: 'The same prompt or failing command over and over.',
  TINY_PROMPT_BURST: 'Many very short prompts in a short time.',
  SUBSTANCE_FLOOR_BREACH: 'Scored, but below the floor when it was measured again.',
  MEDIAN_SUBSTANCE_OUTLIER: 'It holds far less than the organisation’s arcs of its intent do.',
  FRAGMENTATION_MERGE: 'Joined from three fragments or more.',
}
