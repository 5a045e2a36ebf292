"""The composition root: settings, authentication, app assembly, command line."""
