"""Telling of alarms by e-mail."""

from __future__ import annotations

import email.policy
import ipaddress
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from archive.config import Settings
from archive.errors import ConfigError
from archive.store.alarms import Notice
from archive.watch import words

TIMEOUT = 30.0
"""Seconds that a mail server may take to answer."""
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_MEND = 'Write smtp = "smtp+starttls://user:password@mail.example.vn", or smtps://…, or smtp://localhost.'


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server."""

    scheme: str
    """smtp (plain), smtp+starttls or smtps."""
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def server(settings: Settings) -> Server:
    """The mail server of the settings.

    :raises ConfigError: it is missing or cannot be read.
    """
    try:
        parts = urlsplit(settings.smtp)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise ConfigError("The setting smtp is no address of a mail server.", _MEND) from error
    if not port or not parts.hostname:
        raise ConfigError("The setting smtp is no address of a mail server.", _MEND)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.scheme, parts.hostname, port, user, password)


def recipients(settings: Settings) -> list[str]:
    """Who is told.

    :raises ConfigError: an entry is no e-mail address.
    """
    found = [item.strip() for item in settings.alarm_mail.split(",") if item.strip()]
    for item in found:
        if "@" not in item.strip("@") or any(sign.isspace() for sign in item):
            raise ConfigError(
                f"The setting alarm_mail has {item!r}, which is no e-mail address.",
                "Write addresses, parted by commas.",
            )
    return found


def message(settings: Settings, notice: Notice) -> EmailMessage:
    """One alarm as a mail. Sent again, it has the same Message-ID."""
    alarm = notice.alarm
    host = urlsplit(settings.public_base).hostname or "localhost"
    mail = EmailMessage(policy=email.policy.SMTP)
    what = alarm.finding.field if notice.event == "opened" else f"{alarm.finding.field} is well again"
    mail["Subject"] = f"[{settings.name}] {alarm.site}: {what}"
    mail["From"] = settings.contact or f"archive@{host}"
    mail["To"] = ", ".join(recipients(settings))
    mail["Date"] = notice.made_at
    # Of the notice, so that a mail that went out just before a crash and again after it is known as one.
    stamp = f"{notice.made_at:%Y%m%d%H%M%S%f}"
    mail["Message-ID"] = f"<alarm-{alarm.id}-{notice.event}-{notice.id}-{stamp}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [words.sentence(alarm.finding)]
    if notice.event == "closed":
        lines.insert(0, "This alarm is over: the portal yields again what it did.")
    lines += [f"Site: {alarm.site}", f"Since: {alarm.opened_at:%Y-%m-%d %H:%M} UTC", ""]
    lines += [f"Page: {url}" for url in alarm.finding.examples]
    lines += ["", f"More: {words.command(alarm)}"]
    if notice.event == "opened":
        lines.append(f'If this is how the portal is now: archive alarms ack {alarm.id} --note "…"')
    mail.set_content("\n".join(lines) + "\n")
    return mail


def send(settings: Settings, mails: Sequence[EmailMessage]) -> None:
    """Hand mails to the server, all over one connection.

    :raises OSError: it cannot be reached, or refuses (`smtplib.SMTPException` is one).
    """
    if not mails:
        return
    to, name = server(settings), _own_name(settings)
    context = ssl.create_default_context()
    if to.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(to.host, to.port, name, timeout=TIMEOUT, context=context)
    else:
        connection = smtplib.SMTP(to.host, to.port, name, timeout=TIMEOUT)
    with connection:
        if to.scheme == "smtp+starttls":
            connection.starttls(context=context)
        if to.user:
            connection.login(to.user, to.password)
        for mail in mails:
            connection.send_message(mail)


def _own_name(settings: Settings) -> str:
    """What we call ourselves to a mail server. Left to itself, smtplib asks the DNS for it, which can take
    half a minute where there is none."""
    host = urlsplit(settings.public_base).hostname or "localhost"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[{host}]"
