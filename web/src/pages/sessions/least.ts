/** What stands before tokens and costs that are lower bounds: the agent is known to tell too few. */
export const leastOf = (part: { tokensAreLowerBound: boolean }): string =>
  part.tokensAreLowerBound ? '≥ ' : ''
