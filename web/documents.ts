/**
 * The documents of the pages as they reach the server, byte for byte, so that one that answers only trusted documents
 * answers its own pages. urql sends queries and changes with `__typename` added, subscriptions go out as they are.
 */
import { createRequest, formatDocument, stringifyDocument } from '@urql/core'
import type { DocumentNode } from 'graphql'

type Module = Record<string, unknown>

const MODULES = import.meta.glob<Module>('./src/**/*.gql.ts', { eager: true })

export function sentTexts(modules: Record<string, Module> = MODULES): string[] {
  const documents = Object.values(modules).flatMap((module) =>
    Object.entries(module)
      .filter(([name, value]) => name.endsWith('Document') && value instanceof String)
      .map(([, value]) => String(value)),
  )
  return [...new Set(documents.flatMap((text) => [text, asSent(text)]))].sort()
}

export function asSent(text: string): string {
  return stringifyDocument(formatDocument(createRequest(text, {}).query) as DocumentNode)
}
