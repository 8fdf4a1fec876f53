"""Keys and tokens that show by their form whose they are.

The forms are those of detect-secrets' plugins, run by ourselves (its own scan of a line flags words
of prose), and those that its list lacks, from the providers' documentation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from lessonbase.guard.redaction.finding import Finding
from lessonbase.guard.redaction.values import is_masked

# Plugin → hint: what a text must hold before the plugin's forms are tried; cheap to look for.
# Left out: what needs a label (labels.py does that), entropy, and forms we have more exactly.
_PLUGINS: Final = {
    "artifactory.ArtifactoryDetector": r"AKC[A-Za-z0-9]{10}|AP[0-9A-F][A-Za-z0-9]{8}",
    "aws.AWSKeyDetector": r"A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9])[0-9A-Z]{8}",
    "discord.DiscordBotTokenDetector": r"[MNO][\w-]{23,25}\.",
    "gitlab_token.GitLabTokenDetector": r"gl(?:pat|[dfr]t|soat|cbt|imt|ptt|agent|oas)-|GR1348941",
    "mailchimp.MailchimpDetector": r"[0-9a-z]-us[0-9]",
    "pypi_token.PypiTokenDetector": "pypi-Ag",
    "sendgrid.SendGridDetector": r"SG\.",
    "slack.SlackDetector": "xox[a-s]|hooks.slack",
    "square_oauth.SquareOAuthDetector": "sq0csp-",
    "stripe.StripeDetector": "k_live_",
    "twilio.TwilioKeyDetector": "(?:AC|SK)[a-z0-9]{8}",
}
# Plugins whose forms prose can have: a digit and a small letter are asked for as well.
_LOOSE: Final = frozenset({"artifactory.ArtifactoryDetector"})
_START: Final = r"(?<![A-Za-z0-9_-])"
# Hint, form. Where the form has a group `key`, only that is taken.
_OWN: Final = (
    ("gh[pousr]_", r"(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,255}"),
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{36,255}"),
    # A digit, and a capital or a long run: `sk-fading-circle-2` is a class of a style sheet.
    (
        "(?<![a-z])sk-",
        _START + r"sk-(?=[A-Za-z_-]{0,250}\d)(?=[a-z0-9_-]{0,250}[A-Z]|[\w-]{0,40}?[a-z0-9]{20})"
        r"[A-Za-z0-9_-]{20,250}",
    ),
    ("AIza", r"AIza[A-Za-z0-9_-]{35}"),
    (r"ya29\.", r"ya29\.[A-Za-z0-9_-]{20,2000}"),
    ("GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    ("xapp-", r"xapp-\d-[A-Z0-9]{6,20}-\d{6,20}-[a-z0-9]{20,100}"),
    ("xox", r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{20,250}"),
    (
        r"hooks\.slack\.com",
        r"hooks\.slack\.com/(?:services|workflows)/(?P<key>T\w{6,20}/[\w/]{12,100})",
    ),
    ("/webhooks/[0-9]", r"discord(?:app)?\.com/api/webhooks/(?P<key>\d{15,21}/[\w-]{50,90})"),
    ("[sr]k_(?:live|test)_", r"(?<![A-Za-z0-9])[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}"),
    ("whsec_", r"whsec_[A-Za-z0-9+/=]{24,100}"),
    ("npm_", _START + r"npm_[A-Za-z0-9]{36}"),
    ("hf_", _START + r"hf_[A-Za-z0-9]{30,40}"),
    ("do[opr]_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    ("shp[acps]", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("dckr_pat_", r"dckr_pat_[A-Za-z0-9_-]{27,36}"),
    ("dapi", _START + r"dapi[a-f0-9]{32}(?:-\d)?"),
    ("gsk_", _START + r"gsk_[A-Za-z0-9]{40,60}"),
    ("r8_", _START + r"r8_[A-Za-z0-9]{37}"),
    ("xai-", _START + r"xai-[A-Za-z0-9]{60,90}"),
    ("pplx-", _START + r"pplx-[A-Za-z0-9]{40,60}"),
    (r"hv[sb]\.", _START + r"hv[sb]\.[A-Za-z0-9_-]{20,300}"),
    ("key-[0-9a-f]{8}", _START + r"key-[0-9a-f]{32}(?![0-9a-z])"),
    ("ATATT3", r"ATATT3[A-Za-z0-9_=-]{50,300}"),
    ("lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    ("ntn_", _START + r"ntn_[A-Za-z0-9]{40,60}"),
    ("secret_[A-Za-z0-9]{20}", _START + r"secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])"),
    ("glsa_|glc_", r"gl(?:sa|c)_[A-Za-z0-9]{32,200}(?:_[a-f0-9]{8})?"),
    ("AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("NRAK-|NRAL-", r"NRA[KL]-[A-Z0-9]{27}"),
    ("NRAL", _START + r"[0-9a-f]{36}NRAL"),
    ("tskey-", r"tskey-[a-z]{3,12}-[A-Za-z0-9]{8,32}-[A-Za-z0-9]{16,64}"),
    ("rubygems_", r"rubygems_[a-f0-9]{48}"),
    ("fo1_", _START + r"fo1_[A-Za-z0-9_-]{40,60}"),
    ("pul-", _START + r"pul-[a-f0-9]{40}"),
    ("figd_", r"figd_[A-Za-z0-9_-]{30,60}"),
    ("sntrys_|sntryu_", r"sntry[su]_[A-Za-z0-9_=+/-]{40,250}"),
    ("PMAK-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("sq0atp-", r"sq0atp-[A-Za-z0-9_-]{22}"),
    (":AA", r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),
    ("[?&]sig=", r"[?&]sig=(?P<key>[A-Za-z0-9%+/=]{40,120})"),
    ("X-Amz-Signature=", r"X-Amz-Signature=(?P<key>[0-9a-f]{64})"),
    ("X-Amz-Security-Token=", r"X-Amz-Security-Token=(?P<key>[A-Za-z0-9%+/=]{40,3000})"),
    ("eyJ", r"(?<![A-Za-z0-9_-])eyJ[\w-]{10,4000}\.[\w-]{10,8000}(?:\.[\w-]{10,2000})?"),
    ("_authToken", r"_authToken[ \t]{0,3}=[ \t]{0,3}(?P<key>[A-Za-z0-9_/+=-]{16,200})"),
)

# No token is shorter, in characters; few words of prose are as long.
_LEAST: Final = 20
# What a plugin's form must not begin within: a word, base64, a hash. Asked after a match, as a form
# that begins with a literal is found faster than one that begins with a look behind.
_INSIDE: Final = re.compile(r"[A-Za-z0-9+/_-]")


@dataclass(frozen=True, slots=True)
class _Form:
    """How one sort of token looks."""

    hint: re.Pattern[str]  # a text without it has none of these tokens
    form: re.Pattern[str]
    borrowed: bool  # from a plugin: its bounds are ours to check
    loose: bool  # takes in what stands around the token, and prose with it


def tokens(text: str) -> Iterator[Finding]:
    """Keys and tokens of known providers in *text*."""
    long = " ".join([word for word in text.split() if len(word) >= _LEAST])
    if not _any_hint().search(long):
        return
    for one in _forms():
        if one.hint.search(text):
            yield from _matches(one, text)


def _matches(one: _Form, text: str) -> Iterator[Finding]:
    for match in one.form.finditer(text):
        start, end = match.span("key" if "key" in one.form.groupindex else 0)
        value = text[start:end]
        if one.loose:
            start += len(value) - len(value.lstrip(' \t\r\n"=:'))
            value = text[start:end].rstrip(' \t\r\n"')
            end = start + len(value)
            if not (any(map(str.isdigit, value[3:])) and any(map(str.islower, value))):
                continue
        elif one.borrowed and (
            _INSIDE.match(text[start - 1 : start]) or text[end : end + 1].isalnum()
        ):
            continue
        if not is_masked(value):
            yield Finding("key", start, end)


@cache
def _forms() -> tuple[_Form, ...]:
    """All forms, ours first; made once, on first use."""
    from importlib import import_module

    made = [
        _Form(re.compile(hint), re.compile(form), borrowed=False, loose=False)
        for hint, form in _OWN
    ]
    for path, hint in _PLUGINS.items():
        module, name = path.split(".")
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        made += [
            _Form(re.compile(hint), form, borrowed=True, loose=path in _LOOSE)
            for form in plugin.denylist
        ]
    return tuple(made)


@cache
def _any_hint() -> re.Pattern[str]:
    """All hints as one: the long words of most texts hold none, and the text is done with."""
    return re.compile("|".join(dict.fromkeys(one.hint.pattern for one in _forms())))
