"""The errors of OAI-PMH 2.0 (section 3.6), each under its code."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """`noSetHierarchy` is missing: there always are sets; `noMetadataFormats` too: every record has one."""

    BAD_ARGUMENT = "badArgument"
    BAD_TOKEN = "badResumptionToken"  # noqa: S105 - a code of the protocol
    BAD_VERB = "badVerb"
    FORMAT = "cannotDisseminateFormat"
    UNKNOWN = "idDoesNotExist"
    NOTHING = "noRecordsMatch"


class FaultError(Exception):
    """What is answered in place of what was asked for."""

    def __init__(self, code: Code, *texts: str) -> None:
        """
        :param texts: each an error of this code, saying what was wrong and what would be right.
        """
        super().__init__(code.value, *texts)
        self.code = code
        self.texts = texts
