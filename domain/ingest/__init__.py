"""From foreign formats to events."""
