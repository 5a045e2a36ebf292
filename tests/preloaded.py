"""What forked processes find imported; importing it looks for no garbage, of which imports leave none."""

import gc
from importlib import import_module

gc.disable()
for name in ("server.cli", "server.app", "uvicorn.protocols.http.httptools_impl", "tests.history"):
    import_module(name)
gc.freeze()
gc.enable()
