/** What stands before tokens and costs that are lower bounds: the agent is known to tell too few. */
export const leastOf = (parts: readonly { tokensAreLowerBound: boolean }[]): string =>
  parts.some(({ tokensAreLowerBound }) => tokensAreLowerBound) ? '≥ ' : ''
