import type { Kind } from './kinds'

const DRAWN: Record<Kind, string> = {
  trends: 'M3 17l5-6 4 3 8-9',
  funnel: 'M4 5v14M9.5 8v11M15 12v7M20.5 15v4',
  retention: 'M4 6h16M4 11h11M4 16h6',
  paths: 'M3 7c8 0 8 9 18 9M3 17c7 0 8-10 18-10',
  lifecycle: 'M6 19V9M12 19V5M18 19v-7M3 15h18',
  stickiness: 'M4 19V6M9 19v-8M14 19v-5M19 19v-3',
  sql: 'M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14',
}

/** A sign for each kind; what it stands for is written beside it. */
export function Glyph({ kind, large = false }: { kind: Kind | null; large?: boolean }) {
  const size = large ? 28 : 18
  return (
    <svg
      class="insights-glyph"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={kind ? DRAWN[kind] : 'M5 5h14v14H5z'} />
    </svg>
  )
}
