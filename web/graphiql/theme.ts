/** The editor's colours: those of tokens.css, where the library has its own pink. */
import { useMonaco } from '@graphiql/react'
import { useEffect } from 'react'

type Base = 'vs' | 'vs-dark'

/** `act` marks what one can act on, `box` is the ground of what opens over the text. */
function look(base: Base, act: string, box: string, ink: string) {
  const mark = `${act}26`
  const colors = {
    'editor.background': '#ffffff00',
    'scrollbar.shadow': '#ffffff00',
    focusBorder: act,
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
  return { base, inherit: true, colors, rules: [] }
}

export function useEditorColours(): void {
  const monaco = useMonaco((state) => state.monaco)
  useEffect(() => {
    monaco?.editor.defineTheme('graphiql-LIGHT', look('vs', '#1f5fbf', '#ffffff', '#1a202b'))
    monaco?.editor.defineTheme('graphiql-DARK', look('vs-dark', '#7fb0f5', '#1c2027', '#e8ebf0'))
  }, [monaco])
}
