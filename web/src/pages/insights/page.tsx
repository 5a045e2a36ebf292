import type { PageProps } from '../../app/loaded'
import { Heading } from '../../ui/parts'

export default function Page(_: PageProps) {
  return <Heading title="insights" />
}
