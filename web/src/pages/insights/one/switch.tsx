import { useEffect, useState } from 'preact/hooks'
import { Check } from '../../../ui/forms'

/** On or off at the server: shown as wanted while that is under way, and as it stands once it is told. */
export function Switch({
  label,
  on,
  off = false,
  onSet,
}: {
  label: string
  on: boolean
  /** Whether it cannot be changed. */
  off?: boolean
  /** Whether it was done. */
  onSet: (on: boolean) => Promise<boolean>
}) {
  const [wanted, setWanted] = useState<boolean | null>(null)
  useEffect(() => setWanted(null), [on])
  const change = async (next: boolean) => {
    setWanted(next)
    if (!(await onSet(next))) setWanted(null)
  }
  return <Check label={label} on={wanted ?? on} off={off} onChange={(next) => void change(next)} />
}
