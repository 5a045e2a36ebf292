import { useId } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { Field, Suggestions } from '../../ui/forms'
import { ShelvesDocument } from './list/List.gql'
import { Tags } from './tags'

/** Where an insight stands among others: its tags and its folder; those that there are already are offered. */
export function Shelf({
  tags,
  folder,
  onTags,
  onFolder,
}: {
  tags: readonly string[]
  folder: string
  onTags: (tags: string[]) => void
  onFolder: (folder: string) => void
}) {
  const id = useId()
  const { data } = useRead(ShelvesDocument, {})
  return (
    <>
      <Tags label="Tags" tags={tags} known={data?.insightTags ?? []} onChange={onTags} />
      <Field label="Folder">
        <input
          list={id}
          value={folder}
          placeholder="none"
          onInput={(event) => onFolder(event.currentTarget.value)}
        />
        <Suggestions id={id} values={data?.insightFolders ?? []} />
      </Field>
    </>
  )
}
