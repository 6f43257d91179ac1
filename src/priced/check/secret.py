"""What a secret looks like: by its key, by its shape, and by its value in other spellings."""

import json
import re
import shlex
from urllib.parse import quote, quote_plus, unquote, urlsplit

MASK = "***"
SECRET_LENGTH = 6
"""A shorter value (`0`, `cpu`) stands in many words that are none of its business."""

_KEY_WORDS = (
    *("token", "password", "passwd", "passphrase", "pass", "pwd", "secret", "credential", "auth"),
    *("authorization", "bearer", "cookie", "dsn", "connection_string", "conn_str", "jwt"),
    *("signature", "private_key", "api_key", "apikey", "access_key", "secret_key", "account_key"),
    *("signing_key", "encryption_key", "access_key_id", "webhook_url"),
)
_KEY = re.compile(rf"(^|[._+/-])({'|'.join(_KEY_WORDS)})s?$")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DASH = re.compile(r"[\s-]+")

_ADDRESS = re.compile(r"(?<=://)([^/@:\s]{0,200}):([^\s\"'<>]{1,500})(?=@)")
_ADDRESS_TOKEN = re.compile(r"(?<=://)[^/@:\s]{12,300}(?=@)")
_QUERY = re.compile(
    r"(?<=[?&;])([\w.-]{0,40}(?:token|sig|signature|key|password|passwd|pwd|secret|auth|credential)"
    r"[\w.-]{0,40})=[^&\s\"']{1,2000}",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"\b((?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)"
    r"[\"']?(?:\s{0,3}=\s{0,3}|\s{0,3}:\s{0,3}(?=[^\s,;&)]{0,500}\d)))"
    r"[\"']?[^\s\"',;&)]{3,500}[\"']?",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\b(bearer|basic)\s{1,3}[\w.~+/=-]{8,2000}", re.IGNORECASE)
_SHAPES = re.compile(
    "|".join(
        (
            r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # Amazon
            r"\bAIza[\w-]{35}",  # Google
            r"\bya29\.[\w-]{20,300}",
            r"\bgh[pousr]_[A-Za-z0-9]{20,255}",  # GitHub
            r"\bgithub_pat_\w{20,255}",
            r"\bglpat-[\w-]{20,100}",  # GitLab
            r"\bhf_[A-Za-z0-9]{20,100}",  # Hugging Face
            r"\bsk-[A-Za-z0-9_-]{20,300}",  # model providers
            r"\bxox[abeoprs]-[\w-]{10,300}",  # Slack
            r"\bnpm_[A-Za-z0-9]{30,100}",
            r"\bpypi-[\w-]{20,500}",
            r"\bdop_v1_[0-9a-f]{30,100}",  # DigitalOcean
            r"\bdckr_pat_[\w-]{20,100}",  # Docker
            r"\bnvapi-[\w-]{20,200}",  # NVIDIA
            r"\br8_[A-Za-z0-9]{30,100}",  # Replicate
            r"\bAccountKey=[\w+/=]{20,200}",  # Azure
            r"\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{0,1000}",  # a JSON web token
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,10000}(?:-----END[A-Z -]{0,50})?",
        )
    )
)
"""How tokens begin, as who gives them out documents it."""


def is_secret(key: str) -> bool:
    """Say whether a key looks like one of a token or a password, in any spelling.

    Example:
        >>> is_secret("logger.wandb.api_key"), is_secret("authToken"), is_secret("data.target")
        (True, True, False)
    """
    return _KEY.search(_DASH.sub("_", _HUMP.sub("_", key)).lower()) is not None


_known: set[str] = set()


def remember(value: object) -> None:
    """Know a secret of this process by its value, wherever it turns up."""
    _known.update(spell_secret(str(value)))


def hide(text: str) -> str:
    """Return a text without what has the shape of a secret, or the value of one that is known.

    Example:
        >>> hide("postgresql://me:p@ss@host/name"), hide("Authorization: Bearer abcdefgh12")
        ('postgresql://me:***@host/name', 'Authorization: Bearer ***')
    """
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, MASK)
    text = _ADDRESS.sub(rf"\1:{MASK}", text)
    text = _ADDRESS_TOKEN.sub(lambda found: _mask_user(found[0]), text)
    text = _QUERY.sub(rf"\1={MASK}", text)
    text = _SAID.sub(rf"\1{MASK}", text)
    text = _HEADER.sub(rf"\1 {MASK}", text)
    return _SHAPES.sub(MASK, text)


def _mask_user(user: str) -> str:
    """Return a user's name, or a mask where it is a token: those have digits in them."""
    return MASK if any(letter.isdigit() for letter in user) else user


def spell_secret(value: str) -> set[str]:
    """Return the spellings of a secret that may stand in a file, its own parts included.

    Example:
        >>> sorted(spell_secret("a b&c/d"))
        ["'a b&c/d'", 'a b&c/d', 'a%20b%26c%2Fd', 'a%20b%26c/d', 'a+b%26c%2Fd']
    """
    parts = {value, *_parts(value)}
    spelled = set()
    for part in parts:
        spelled |= {part, quote(part), quote(part, safe=""), quote_plus(part), shlex.quote(part)}
        spelled |= {json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]}
        spelled |= {repr(part)[1:-1]}
    return {one for one in spelled if len(one) >= SECRET_LENGTH}


def _parts(value: str) -> set[str]:
    """Return what of an address is secret by itself."""
    try:
        password = urlsplit(value).password if "://" in value else None
    except ValueError:
        password = None
    return {password, unquote(password)} if password else set()
