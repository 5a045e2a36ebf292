import type { TeamKeyFragment } from './Keys.gql'

export type Kind = TeamKeyFragment['kind']
type Reach = TeamKeyFragment['reach']

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
