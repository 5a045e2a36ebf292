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
