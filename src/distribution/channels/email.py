"""Mail through SES: a report when the incident has been analysed, one when a person has to act, one at the end.

SES cannot be asked whether a mail went out, so a mail whose answer got lost is sent again: at least once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr

from distribution.layout.mail import Mail, report
from distribution.moments import Medium, owed
from distribution.place import Means, Place, Post
from watchkeeper.errors import ChannelDown, ChannelRefused, NotAllowed, Permanent, Throttled, Transient
from watchkeeper.models import Delivery
from watchkeeper.storage.aws import in_our_words
from watchkeeper.story import Story
from watchkeeper.team import Channel

FIRST, SUBJECT = "first", "subject"
# A longer line than usual: folded at 78, a subject would begin on its second line, which some mail programs show as a blank.
WIRE = SMTP.clone(max_line_length=300)


def open_channel(channel: Channel, means: Means) -> Place:
    """The addresses of `where.to`; the sender is a verified identity of SES."""
    to = channel.where.get("to", ())
    to = (to,) if isinstance(to, str) else tuple(str(address) for address in to)
    missing = [
        name for name, value in (("the setting MAIL_FROM", means.settings.mail_from), (f"where.to of {channel.id}", to)) if not value
    ]
    if missing:
        raise ChannelRefused(f"not set up: missing {', '.join(missing)}")
    return MailingList(means, means.settings.mail_from, to)


@dataclass(frozen=True)
class MailingList:
    """A Place. Its refs: `first` holds the id of the first mail and `subject` its subject, so that all make one conversation."""

    means: Means
    sender: str
    to: tuple[str, ...]
    settling: timedelta = timedelta(0)

    def posts(self, story: Story, delivery: Delivery) -> list[Post]:
        """One mail for all that is new, however much that is."""
        news = owed(story, delivery.said, Medium.MAIL)
        if not news:
            return []
        mail = report(self.means.brief(story), news)
        return [Post(f"report-{news[-1].seq}", tuple(record.seq for record in news), (story.incident.id, mail))]

    def find(self, _post: Post, _refs: Mapping[str, str], _since: datetime) -> dict[str, str] | None:
        return None

    def send(self, post: Post, refs: Mapping[str, str]) -> dict[str, str]:
        incident_id, mail = post.body
        message = _message(self.sender, self.to, incident_id, mail, refs)
        try:
            with in_our_words("ses:SendRawEmail", self.sender):
                answer = self.means.mail().send_raw_email(
                    Source=self.sender,
                    Destinations=list(self.to),
                    RawMessage={"Data": message.as_bytes(policy=WIRE)},
                    Tags=[{"Name": "incident", "Value": incident_id}],
                )
        except NotAllowed as error:
            raise ChannelRefused(f"SES: {error}") from error
        except Permanent as error:
            raise ChannelRefused(f"SES refuses the mail: {error}") from error
        except Throttled as error:
            raise Throttled(f"SES asks us to slow down: {error}", retry_after=60) from error
        except Transient as error:
            raise ChannelDown(f"SES does not answer: {error}") from error
        first = _message_id(answer["MessageId"], self.means.settings.aws_region)
        return {post.key: answer["MessageId"], FIRST: refs.get(FIRST, first), SUBJECT: refs.get(SUBJECT, mail.subject)}

    def refresh(self, _story: Story, refs: Mapping[str, str]) -> dict[str, str]:
        return dict(refs)


def _message(sender: str, to: tuple[str, ...], incident_id: str, mail: Mail, refs: Mapping[str, str]) -> EmailMessage:
    """Text first, HTML second. The later mails answer the first; all name one root of their own, should the first be missing."""
    root = f"<{incident_id}@watchkeeper.invalid>"
    message = EmailMessage()
    message["From"] = sender if "<" in sender else formataddr(("Watchkeeper", sender))
    message["To"] = ", ".join(to)
    message["Subject"] = f"Re: {refs[SUBJECT]}" if SUBJECT in refs else mail.subject
    message["References"] = f"{root} {refs[FIRST]}" if FIRST in refs else root
    message["In-Reply-To"] = refs.get(FIRST, root)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Watchkeeper-Incident"] = incident_id
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _message_id(own: str, region: str) -> str:
    """The Message-ID that SES gives a mail: its answer and a domain of its own, unless the answer has one already."""
    domain = "email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"
    return f"<{own}>" if "@" in own else f"<{own}@{domain}>"
