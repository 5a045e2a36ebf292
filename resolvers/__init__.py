"""What a caller may ask: one plain async function each."""
