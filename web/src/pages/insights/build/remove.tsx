/** Takes one of a list away; `label` says which. */
export function Remove({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <button type="button" class="plain insights-remove" aria-label={label} onClick={onRemove}>
      ×
    </button>
  )
}
