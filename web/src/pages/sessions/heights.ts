/** Heights of many rows, most of them guessed until they are seen: a Fenwick tree, so that each look takes log n steps. */
export class Heights {
  private each: Float64Array
  private sums: Float64Array

  constructor(
    readonly count: number,
    private readonly guess: number,
  ) {
    this.each = new Float64Array(count).fill(guess)
    this.sums = new Float64Array(count + 1)
    for (let i = 1; i <= count; i++) {
      this.sums[i] = (this.sums[i] as number) + guess
      const above = i + (i & -i)
      if (above <= count) this.sums[above] = (this.sums[above] as number) + (this.sums[i] as number)
    }
  }

  get total(): number {
    return this.top(this.count)
  }

  of = (index: number): number => this.each[index] ?? this.guess

  /** Where row `index` begins. */
  top(index: number): number {
    let sum = 0
    for (let i = Math.min(index, this.count); i > 0; i -= i & -i) sum += this.sums[i] as number
    return sum
  }

  /** By how much the row grew. */
  set(index: number, height: number): number {
    const grown = height - this.of(index)
    this.each[index] = height
    for (let i = index + 1; i <= this.count; i += i & -i) this.sums[i] = (this.sums[i] as number) + grown
    return grown
  }

  /** The row that stands at `y`, the last one below all of them. */
  at(y: number): number {
    let index = 0
    let rest = y
    for (let step = 2 ** Math.floor(Math.log2(this.count || 1)); step >= 1; step /= 2) {
      const next = index + step
      if (next <= this.count && (this.sums[next] as number) <= rest) {
        index = next
        rest -= this.sums[next] as number
      }
    }
    return Math.max(0, Math.min(index, this.count - 1))
  }

  /** The same rows in a longer or shorter list. */
  resized(count: number): Heights {
    const made = new Heights(count, this.guess)
    for (let i = 0; i < Math.min(count, this.count); i++)
      if (this.of(i) !== this.guess) made.set(i, this.of(i))
    return made
  }
}
