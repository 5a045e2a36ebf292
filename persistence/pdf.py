"""PDFs of reports: typst sets them in a thread, one at a time, as PDF/A-2b, which refuses what no font can show."""

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from threading import BoundedSemaphore

import structlog
import typst

from domain.errors import Unavailable
from domain.languages import Language
from domain.reports.document import Document
from domain.reports.typeset import UNKNOWN, FontMissing, families, sample, typeset

WAITING = 16
"""Reports that may be under way or wait for it; who comes then is told to come back."""

PATIENCE_S = 60.0
"""The largest report that is let through takes a few seconds."""

_TEMPLATE = files("persistence").joinpath("report.typ").read_bytes()
_TYPESETTER = version("typst")
_STANDARD = "a-2b"
_TRIES = 4
"""What is replaced may join its neighbours to something else that is missing."""

_UNSHOWN = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_JOINERS = "\u200d\ufe0e\ufe0f"
"""Say how the letters beside them are drawn, and are nothing without them."""

_log = structlog.get_logger("goalarc.pdf")


def edition(document: Document) -> bytes:
    """Names what the PDF of a report is made of: another text, template or typesetter gives another name."""
    return hashlib.sha256(_TEMPLATE + _data(document).encode() + _TYPESETTER.encode()).digest()


def _data(document: Document) -> str:
    return json.dumps(typeset(document), ensure_ascii=False)


class Press:
    """Sets reports with the fonts of this machine: the typesetter's own, the system's, and those in `font_dirs`."""

    def __init__(
        self,
        font_dirs: Sequence[Path] = (),
        *,
        system: bool = True,
        waiting: int = WAITING,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._dirs, self._system = tuple(font_dirs), system
        self._places, self._patience_s = BoundedSemaphore(waiting), patience_s
        self._fonts: typst.Fonts | None = None
        self._thread = ThreadPoolExecutor(1, "typst")

    async def pdf(self, document: Document) -> bytes:
        """The report as PDF/A-2b; the same report and fonts give the same bytes.

        Raises FontMissing where no font has the script of its language, Unavailable while too many others wait, when
        it takes too long or cannot be set. A letter of another script that no font has is shown as a square.
        """
        if not self._places.acquire(blocking=False):
            raise Unavailable("too many reports are being set: try again in a moment")
        work = self._thread.submit(self._set_or_refuse, document)
        work.add_done_callback(lambda _: self._places.release())
        try:
            # A thread cannot be stopped: what has begun keeps its place until it is done.
            return await asyncio.wait_for(asyncio.wrap_future(work), self._patience_s)
        except TimeoutError:
            raise Unavailable("setting this report takes too long: try again in a moment") from None

    def close(self) -> None:
        """Gives up what waits; what has begun ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _set_or_refuse(self, document: Document) -> bytes:
        try:
            return self._set(document)
        except Unavailable:
            raise
        except BaseException as error:  # a typesetter that breaks down raises what is no Exception
            _log.error("a report cannot be set", error=type(error).__name__)
            raise Unavailable("this report cannot be set as a PDF: look at its page instead") from None

    def _set(self, document: Document) -> bytes:
        data = _data(document)
        for _ in range(_TRIES):
            try:
                return self._compile(_TEMPLATE, data, document.generated_at)
            except typst.TypstError as error:
                unshown = _unshown(error)
                if not unshown:
                    raise
            self._require(document.language, document.generated_at)
            data = data.translate({ord(letter): "" if letter in _JOINERS else UNKNOWN for letter in unshown})
        raise FontMissing(document.language)

    def _require(self, language: Language, at: datetime) -> None:
        """Raises FontMissing unless the language itself can be written; fonts are looked for anew the next time."""
        known = ", ".join(json.dumps(family) for family in families(language))
        try:
            self._compile(f"#set text(font: ({known},))\n#sys.inputs.data".encode(), sample(language), at)
        except typst.TypstError as error:
            if not _unshown(error):
                raise
            self._fonts = None
            raise FontMissing(language) from None

    def _compile(self, template: bytes, data: str, at: datetime) -> bytes:
        if self._fonts is None:
            found = [folder for folder in self._dirs if folder.is_dir()]
            self._fonts = typst.Fonts(include_system_fonts=self._system, font_paths=list(found))
        pdf, _ = typst.compile_with_warnings(
            template,
            format="pdf",
            font_paths=self._fonts,
            sys_inputs={"data": data},
            pdf_standards=_STANDARD,
            timestamp=int(at.timestamp()),
        )
        return pdf


def _unshown(error: typst.TypstError) -> set[str]:
    """The letters that no font has."""
    return {
        letter for text in _UNSHOWN.findall(error.diagnostic) for letter in _unescaped(text) if not letter.isascii()
    }


def _unescaped(text: str) -> str:
    """As it was before the typesetter quoted it."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)
