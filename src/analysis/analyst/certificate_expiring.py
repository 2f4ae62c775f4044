"""A certificate runs out. Its renewal mostly waits for one DNS record, and then the record is what there is to say.

A handshake that fails for a certificate belongs here; a name that is not found has a rule of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import own
from analysis.analyst.written import alone, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

CERTIFICATE = re.compile(
    r"acm:certificate (?P<id>\S+) for (?P<domain>\S+): status (?P<status>[A-Z_]+), expires (?P<at>\S+) \((?P<when>[^)]*)\)"
)
RENEWAL = re.compile(r"renewal: status (?P<status>[A-Z_]+)")
WAITS = re.compile(r"renewal waits for (?P<domain>\S+): ")
RECORD = re.compile(r"add this record: (?P<name>\S+) CNAME (?P<value>\S+)$")
IN_DAYS = re.compile(r"in (?P<days>\d{1,5}) days?")
EXPIRY = {"DaysToExpiry"}
SAYS = Words(
    needles=("certificate", "x509", "ssl handshake", "tls handshake"),
    pattern=re.compile(
        r"certificate (?:has |is )?expired|CERTIFICATE_VERIFY_FAILED|certificate verify failed|x509: certificate|"
        r"(?:SSL|TLS) handshake (?:failed|error)|CertificateExpired|certificate .*(?:expir|renew)",
        re.IGNORECASE,
    ),
)
SOON = 45


@dataclass(frozen=True)
class Certificate:
    """One certificate, and what ACM says below it of its renewal."""

    head: Hit
    waits: Hit | None
    records: Sequence[Hit]
    stuck: Sequence[Hit]

    @property
    def days(self) -> int | None:
        """How many it has left; none where it has run out, or where that is not told."""
        match = IN_DAYS.match(self.head["when"])
        return int(match["days"]) if match else None

    @property
    def expired(self) -> bool:
        return self.head["status"] == "EXPIRED" or "ago" in self.head["when"]

    @property
    def in_trouble(self) -> bool:
        return self.expired or (self.days is not None and self.days <= SOON)

    @property
    def urgency(self) -> tuple[bool, int, str]:
        """Sorted by this, the most urgent comes first."""
        return not self.expired, self.days or 0, self.head["id"]


def look(case: ReadCase) -> Finding | None:
    """0.9 where ACM says that the certificate runs out and that its renewal waits or failed, or that it has run out, 0.75 where
    it just runs out, each only if the alarm or the logs are about a certificate, else 0.45: it would not explain this alarm.
    Log lines alone 0.5 or 0.6."""
    said = written(case, SAYS)
    alarm = own(case)
    about = bool(said) or (alarm is not None and alarm.name in EXPIRY)
    worst = min((one for one in certificates(case) if one.in_trouble), key=lambda one: one.urgency, default=None)
    if worst is None:
        sentence = "A certificate is not accepted, as log lines say."
        return Finding(alone(said), sentence, cite((), said), ("only log lines say so",)) if said else None
    confidence = 0.45
    if about:
        confidence = 0.9 if worst.expired or worst.waits or worst.stuck else 0.75
    facts = (worst.head, worst.waits, *worst.records)
    steps = tuple(f"Add the DNS record {one['name']} CNAME {one['value']}" for one in worst.records)
    return Finding(confidence, _sentence(worst), cite(facts, worst.stuck, said, alarm.shown if alarm else []), steps=steps)


def certificates(case: ReadCase) -> list[Certificate]:
    """Each certificate with the lines between it and the next."""
    return case.once(_certificates)


def _certificates(case: ReadCase) -> list[Certificate]:
    heads = case.hits("acm", CERTIFICATE)
    found = []
    for head in heads:
        after = [one.number for one in heads if one.evidence_id == head.evidence_id and one.number > head.number]
        end = min(after, default=None)

        def below(pattern: "re.Pattern[str]", head: Hit = head, end: int | None = end) -> list[Hit]:
            its = (hit for hit in case.hits("acm", pattern) if hit.evidence_id == head.evidence_id and hit.number > head.number)
            return [hit for hit in its if end is None or hit.number < end]

        stuck = [hit for hit in below(RENEWAL) if hit["status"] in {"PENDING_VALIDATION", "FAILED"}]
        found.append(Certificate(head, next(iter(below(WAITS)), None), below(RECORD), stuck))
    return found


def _sentence(worst: Certificate) -> str:
    if worst.expired:
        runs_out = f"The certificate for {worst.head['domain']} has expired"
    else:
        runs_out = f"The certificate for {worst.head['domain']} expires {worst.head['when']}"
    if worst.waits:
        return f"{runs_out}, and its renewal waits for a DNS record of {worst.waits['domain']}."
    if worst.stuck:
        return f"{runs_out}, and its renewal does not go on ({worst.stuck[0]['status']})."
    return f"{runs_out}."


RULE = Rule(
    cause=Cause.CERTIFICATE_EXPIRING,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST}),
    sample={
        "metric": "metric: AWS/CertificateManager DaysToExpiry (CertificateArn=arn:aws:acm:eu-west-1:123456789012:certificate/8f3a), "
        "Minimum over 86400 s; alarm line: LessThanThreshold 15\n"
        "30 points from 2026-10-22T00:00:00Z to 2026-11-20T00:00:00Z: min 14 at 2026-11-20T00:00:00Z, max 43 at 2026-10-22T00:00:00Z, "
        "latest 14\nfirst crossing at 2026-11-20T00:00:00Z with 14, 1 points in all",
        "acm": "acm:certificate 8f3a for shop.example.com: status ISSUED, expires 2026-12-04T00:00:00Z (in 14 days), "
        "in use by 2 resources\n"
        "renewal: status PENDING_VALIDATION, reason none given, updated 2026-11-05T00:00:00Z\n"
        "renewal waits for shop.example.com: validation DNS, status PENDING_VALIDATION\n"
        "add this record: _a79865eb4cd1a6ab990a45779b4e0b96.shop.example.com. CNAME _424c7224e9b0146f9a8808af955727d0.acm-validations.aws.",
    },
    more_samples=(
        {
            "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            + "\n".join(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR x509: certificate has expired" for n in range(3)),
        },
    ),
    impact="Once it has run out, browsers and programs refuse the connection.",
    steps=(
        "Look at the certificate again an hour after the record is there: ACM renews it by itself.",
        "If the domain's DNS is kept elsewhere, ask whoever keeps it; say by when.",
    ),
    prevention=("Leave the validation record of every certificate in DNS for good.", "Alarm on DaysToExpiry at 30 days."),
    plain_words="The proof of identity of a web address runs out and is not renewed by itself.",
)
