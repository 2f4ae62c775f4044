"""Secrets and personal data become stable placeholders, before anything is stored, logged, sent or shown to a model.

The placeholder carries a short keyed digest: two lines about one secret still match, and the secret cannot be guessed
back from it without the key. The kinds are tables: `headers`, `cloud`, `services`, `pairs`, `people`.
"""

from watchkeeper.redaction.people import OPTIONAL
from watchkeeper.redaction.redactor import KINDS, PLACEHOLDER, Redactor

__all__ = ["KINDS", "OPTIONAL", "PLACEHOLDER", "Redactor"]
