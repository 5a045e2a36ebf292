/** A document as the code generator writes it: a text that knows what it answers and takes. */
export interface Document<Result, Variables> {
  toString(): string
  __apiType?: (variables: Variables) => Result
}
