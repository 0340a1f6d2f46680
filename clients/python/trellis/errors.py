# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, in one exception with a stable code."""


class TrellisError(Exception):
    """`code` is one of the scripted interface's (docs/scripting.md), or of misuse: `closed`,
    `suspended`, `wrong_thread`. The message is a sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
