"""Secrets by key, by shape and by value, as clouds and hubs give them out."""

import time

import pytest

from priced.check.secret import MASK, hide, is_secret, spell_secret

LETTERS = "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"

KEYS = [
    "passphrase", "db_pass", "bearer", "cookie", "authorization", "authToken", "clientSecret",
    "connection_string", "refreshToken", "aws_access_key_id", "AWS_SECRET_ACCESS_KEY", "apiKey",
    "api-key", "API key", "privateKey", "a.b.token", "DSN", "credentials", "wandb.apikey",
]  # fmt: skip
PLAIN_KEYS = ["tokenizer", "tokens_per_batch", "data.keys", "author", "passes", "keyboard", "model"]

SHAPES = [
    f"AKIA{LETTERS[:16].upper()}", f"ghp_{LETTERS}", f"github_pat_{LETTERS}", f"glpat-{LETTERS}",
    f"hf_{LETTERS}", f"sk-{LETTERS}", f"sk-proj-{LETTERS}", f"xoxb-{LETTERS}", f"npm_{LETTERS}4567",
    f"pypi-{LETTERS}", f"AIza{LETTERS}567", f"ya29.{LETTERS}", f"eyJ{LETTERS}.{LETTERS}.{LETTERS}",
    f"dckr_pat_{LETTERS}", f"nvapi-{LETTERS}", f"-----BEGIN RSA PRIVATE KEY-----\n{LETTERS}\n",
]  # fmt: skip
AROUND = [
    "Bearer {}", "Authorization: Basic {}", "http://me:{}@host/db", "postgresql+psycopg://me:{}@h",
    "https://h/x?access_token={}", "https://h/x?a=1&sig={}&b=2", "h?api_key={}", "password={}",
    '{{"client_secret": "{}"}}', "host=h password={} user=me", "http://me:p@{}/q@host",
    "api-key: {}",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_a_secret_is_known_in_any_spelling(key: str) -> None:
    assert is_secret(key)
    assert is_secret(f"logger.mine.{key}")


@pytest.mark.parametrize("key", PLAIN_KEYS)
def test_another_key_is_none(key: str) -> None:
    assert not is_secret(key)


@pytest.mark.parametrize("secret", SHAPES)
def test_a_token_is_known_by_how_it_begins(secret: str) -> None:
    shown = hide(f"failed with {secret} and more")
    assert LETTERS[:12].lower() not in shown.lower()
    assert MASK in shown


@pytest.mark.parametrize("around", AROUND)
def test_a_secret_is_known_by_what_stands_around_it(around: str) -> None:
    canary = "canary/7f3a"
    assert canary not in hide(f"error: {around.format(canary)} was refused")


@pytest.mark.parametrize(
    "text",
    ["model=mlp", "http://localhost:5000/path", "data.path=a@b:c", "a key: value", "tags=[a,b]"],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert hide(text) == text


def test_a_secret_is_known_in_other_spellings_and_in_parts() -> None:
    spelled = spell_secret("postgresql://me:pa ss'word@host/db")
    assert {"pa ss'word", "pa%20ss%27word", "pa+ss%27word"} <= spelled
    assert spell_secret("cpu") == set()


@pytest.mark.parametrize("piece", ["://a:", "?token", "sk-", "eyJa.", "password", "a:b@", "="])
def test_a_long_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        before = time.process_time()
        hide(piece * length)
        return time.process_time() - before

    assert seconds(32_000) < 8 * 6 * max(seconds(4_000), 0.005)
