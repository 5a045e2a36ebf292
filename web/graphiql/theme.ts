/** The editor's colours: those of tokens.css, where the library has its own pink. */
import { useMonaco } from '@graphiql/react'
import { useEffect } from 'react'

type Base = 'vs' | 'vs-dark'

interface Palette {
  /** What one can act on. */
  act: string
  /** The ground of what opens over the text. */
  box: string
  ink: string
  quiet: string
  number: string
  comment: string
}

const LIGHT: Palette = {
  act: '#1f5fbf',
  box: '#ffffff',
  ink: '#1a202b',
  quiet: '#566072',
  number: '#056b46',
  comment: '#117011',
}
const DARK: Palette = {
  act: '#7fb0f5',
  box: '#1c2027',
  ink: '#e8ebf0',
  quiet: '#a3adbd',
  number: '#b5cea8',
  comment: '#7fae6a',
}

function look(base: Base, { act, box, ink, quiet, number, comment }: Palette) {
  const mark = `${act}26`
  const colors = {
    'editor.background': '#ffffff00',
    'scrollbar.shadow': '#ffffff00',
    focusBorder: act,
    'editorLineNumber.foreground': quiet,
    'editorLineNumber.activeForeground': ink,
    'textLink.foreground': act,
    'textLink.activeForeground': act,
    'list.hoverBackground': mark,
    'list.highlightForeground': act,
    'list.focusHighlightForeground': act,
    'editorHoverWidget.background': box,
    'editorSuggestWidget.background': box,
    'editorSuggestWidget.selectedBackground': mark,
    'editorSuggestWidget.selectedForeground': ink,
    'editorWidget.background': box,
    'menu.background': box,
    'menu.selectionBackground': mark,
    'menu.selectionForeground': ink,
    'quickInput.background': box,
    'quickInputList.focusBackground': mark,
    'quickInputList.focusForeground': ink,
    'pickerGroup.foreground': act,
    'toolbar.hoverBackground': mark,
  }
  const rules = [
    { token: 'number', foreground: number },
    { token: 'comment', foreground: comment },
  ]
  return { base, inherit: true, colors, rules }
}

export function useEditorColours(): void {
  const monaco = useMonaco((state) => state.monaco)
  useEffect(() => {
    if (!monaco) return
    monaco.editor.defineTheme('graphiql-LIGHT', look('vs', LIGHT))
    monaco.editor.defineTheme('graphiql-DARK', look('vs-dark', DARK))
    const dark = matchMedia('(prefers-color-scheme: dark)')
    // The library looks once only; a class of the body says that somebody chose.
    const follow = () => {
      if (!/graphiql-(light|dark)/.test(document.body.className)) {
        monaco.editor.setTheme(dark.matches ? 'graphiql-DARK' : 'graphiql-LIGHT')
      }
    }
    dark.addEventListener('change', follow)
    return () => dark.removeEventListener('change', follow)
  }, [monaco])
}
