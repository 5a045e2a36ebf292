import type { AskedTab } from './address'
import type { TeamKeyFragment } from './Keys.gql'

export type Kind = TeamKeyFragment['kind']
type Reach = TeamKeyFragment['reach']

export const TABS: Readonly<Record<AskedTab, string>> = {
  developers: 'Developers',
  keys: 'Keys',
  integrity: 'Integrity',
  settings: 'Settings',
  sight: 'Who sees what',
}

export const REACH: Readonly<Record<Reach, string>> = {
  ORGANISATION: 'Everybody’s work',
  OWN_WORK: 'Their own work',
  ONE_SESSION: 'One session',
}

/** What each kind of key is for: what it may do follows from its scopes alone. */
export const KINDS: Readonly<Record<Kind, [title: string, purpose: string]>> = {
  DEVELOPER: ['Developer', 'For a developer’s agents and their own dashboard.'],
  PERSONAL: ['Personal', 'For a developer’s scripts and the PostHog routes.'],
  SERVICE: ['Service', 'For another system that reads everybody’s sessions and scores.'],
  REVIEWER: ['Reviewer', 'For a manager or interviewer, who may also delete sessions.'],
  CANDIDATE: ['Candidate', 'For one coding task. Made by inviting somebody to an assessment.'],
}

/** The same words stand in docs/security.md, and a test holds one against the other. */
export const MANAGERS_SEE = [
  'Scores, pillars and trends of each developer and of the whole organisation.',
  'Every goal arc with its verdict, the evidence quoted for it, its grade and its integrity flags.',
  'Sessions with prompts, answers, tool calls, paths, errors and commits, tokens and cost.',
  'When somebody’s sessions were last active.',
]
export const MANAGERS_CANNOT = [
  'Rename, split, merge or appeal an arc of somebody else: that is up to its developer.',
  'See anything of another organisation.',
]
export const NOBODY_SEES = [
  'The secret of a key once it was made: what is stored cannot be turned back into it.',
  'What redaction took out of prompts and outputs before they were stored.',
  'What was erased, who was erased, or who asked for it.',
]
export const OPERATORS =
  'Whoever runs the server can read its database. Nothing is sent to anybody else, unless a webhook, a shared link or a language model was asked for.'

export const FLAGS = {
  AUTO_RETRY_STORM: 'The same prompt or failing call again and again.',
  TINY_PROMPT_BURST: 'Many very short prompts in a short time.',
  SUBSTANCE_FLOOR_BREACH: 'Scored, but below the floor when measured again.',
  MEDIAN_SUBSTANCE_OUTLIER: 'Far less substance than the organisation’s arcs of this intent have.',
  FRAGMENTATION_MERGE: 'Three or more short arcs were merged into this one.',
} as const
