"""The commands of `goalarc`, one module each; heavy imports stay inside them."""
