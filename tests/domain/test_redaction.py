"""The secrets below are made up and put together at run time, so that no scanner takes this file for a leak."""

import json
from base64 import b64encode
from hashlib import sha1, sha256
from pathlib import Path
from time import process_time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.redaction import RULES, looks_like_credential, redact, redact_json
from domain.values import JsonValue

MIXED = "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD3fG6iJ9lM2oP5rS8uV1xY4aB7dE0gH3jK6"
HEX = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
PEM_BODY = "\n".join((MIXED[:64], MIXED[1:65], MIXED[2:40]))
PEM = "-----BEGIN RSA " + f"PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA " + "PRIVATE KEY-----"
JWT = ".".join("eyJ" + MIXED[i : i + 30] for i in (0, 1)) + "." + MIXED[:43]

SECRETS = {
    "private_key": [
        PEM,
        PEM.replace("\n", "\\n"),
        PEM.replace("RSA ", "OPENSSH "),
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,3F17\n\n"
        + PEM_BODY
        + "\n-----END RSA PRIVATE KEY-----",
    ],
    "aws_access_key_id": ["AKIA" + "IOSFODNN7EXAMPLE", "ASIA" + "Y34FZKBOKMUTVV7A"],
    "github_token": [
        *(f"gh{kind}_" + MIXED[:36] for kind in "pousr"),
        "github_pat_" + MIXED[:22] + "_" + MIXED[:59],
    ],
    "gitlab_token": ["glpat-" + MIXED[:20], "glpat-" + MIXED[:27] + ".01.0a1b2c3d4"],
    "slack_token": ["xox" + "b-17653672481-19874698323-" + MIXED[:24], "xapp" + "-1-A0B1C2-" + HEX],
    "stripe_key": ["sk" + "_live_" + MIXED[:24], "rk" + "_test_" + MIXED[:24]],
    "webhook_secret": ["whsec_" + MIXED[:32]],
    "google_api_key": ["AIza" + MIXED[:35]],
    "google_oauth": ["GOCSPX-" + MIXED[:28], "ya29." + MIXED[:60]],
    "anthropic_key": ["sk-" + "ant-api03-" + MIXED[:60] + "-" + MIXED[:20] + "AA"],
    "openai_key": ["sk-" + MIXED[:48], "sk-" + "proj-" + MIXED[:30] + "-" + MIXED[:20]],
    "jwt": [JWT],
    "npm_token": ["npm_" + MIXED[:36]],
    "pypi_token": ["pypi-AgEIcHlwaS5vcmc" + MIXED],
    "huggingface_token": ["hf_" + MIXED[:34]],
    "sendgrid_key": ["SG." + MIXED[:22] + "." + MIXED[:43]],
    "twilio_key": ["AC" + HEX, "SK" + HEX],
    "goalarc_key": ["gck_" + MIXED[:43], "phx_" + MIXED[:43], "gas_" + HEX, "psk_live_" + MIXED[:43], "PST-7KQ2-M9XA"],
}
"""Secrets that are known by their own shape: the whole of each is replaced."""

KEPT_AROUND = [
    ("aws_secret_access_key", "aws_secret_access_key = ", MIXED[:40], "\nregion = eu"),
    ("aws_secret_access_key", '{"SecretAccessKey": "', "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", '"}'),
    ("slack_webhook", "https://hooks.slack.com/services/", "T0A1B2C3D/B0A1B2C3D/" + MIXED[:24], " is set"),
    ("azure_key", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=", MIXED[:64] + "==", ";EndpointSuffix=x"),
    ("azure_key", "Endpoint=sb://x/;SharedAccessKey=", MIXED[:43] + "=", ";"),
    ("azure_key", "https://a.blob.example/c?sv=2024&sig=", MIXED[:43] + "%3D", "&se=1"),
    ("bearer_token", "Authorization: Bearer ", MIXED[:32], "\nAccept: */*"),
    ("bearer_token", "curl -H 'authorization: bearer ", MIXED[:20] + "-x.y~z", "' https://example.org"),
    ("basic_auth", "Authorization: Basic ", b64encode(b"mara:open sesame").decode(), "\n"),
    ("url_password", "postgresql://app:", "s3cr3t", "@db.example:5432/app"),
    ("url_password", "redis://:", "hunter2", "@cache"),
    ("url_password", "mongodb+srv://ü:", "p@ss:wört", "@h1,h2/x"),
    ("assigned_secret", 'password = "', "hunter2-Tr0ub4dor", '"'),
    ("assigned_secret", "DB_PASSWORD='", "Tr0ub4dor&3", "'"),
    ("assigned_secret", '\\"client_secret\\": \\"', MIXED[:24], '\\", \\"x\\": 1'),
    ("assigned_secret", "settings.apiKey := `", HEX, "`"),
    ("assigned_secret", "SECRET_KEY_BASE=", HEX, "\nRAILS_ENV=test"),
    ("assigned_secret", "https://x.example/cb?access_token=", MIXED[:40], "&state=1"),
    ("assigned_secret", "Authorization: token ", HEX + "01234567", "\n"),
    ("assigned_secret", "api-key: ", "k9/" + MIXED[:30] + "=", ""),
]
"""(name, before, secret, after): only the secret goes."""

ORDINARY = [
    "",
    "the token count is 12345, max_tokens=4096 and output_tokens: 128000",
    '{"usage": {"input_tokens": 12, "cache_read_input_tokens": "1234567890"}}',
    f"commit {sha1(b'x').hexdigest()} (HEAD -> main)",
    f"sha256:{sha256(b'x').hexdigest()}",
    str(UUID(int=0x1234567890ABCDEF1234567890ABCDEF)),
    "data:image/png;base64," + b64encode(bytes(range(256)) * 40).decode(),
    "const token = tokens[0]; const password = getPassword(user1);",
    "password: str = Field(min_length=12)",
    'password = os.environ["DB_PASSWORD"]',
    "password=${DB_PASSWORD} token={{ secrets.DEPLOY_TOKEN_1 }}",
    'placeholder="password-confirmation-field"',
    'token = "identifier"  # secret: "changeme"',
    "PWD=/home/mara/projects/lantern-2026",
    "postgresql://app:${PGPASSWORD}@db/app and http://localhost:8080/a@b",
    "postgres://{user}:{password}@{host}",
    "git@github.com:mara/lantern.git",
    "basic training, Basic authentication and the bearer of bad news",
    "Bearer authentication-is-required-here",
    "task-management-and-risk-assessment sk-learn-style-naming-of-things",
    "-----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY----- frame it",
    "-----BEGIN CERTIFICATE-----\n" + PEM_BODY + "\n-----END CERTIFICATE-----",
    "gas_usage_by_quarter_and_region_2024 hf_hub_download npm_config_registry",
    "PST-2024-0101 and 10:30 PST-0800",
    "task-sk-" + MIXED[:30],
    "eyJhbGciOiJub25lIn0 alone is only base64",
    "hooks.slack.com/services/ is where it goes",
    "пароль: токен 密码 🔑",
]


@pytest.mark.parametrize(("name", "secret"), [(name, secret) for name, all_ in SECRETS.items() for secret in all_])
@pytest.mark.parametrize("frame", ["{}", "use {} please", "key={}\n", '{{"k": "{}"}}', "ключ {} 🔑", "({}),"])
def test_a_known_shape_goes_whole_and_leaves_its_name(name: str, secret: str, frame: str) -> None:
    redacted = redact(frame.format(secret))
    assert redacted.text == frame.format(f"[redacted:{name}]")
    assert redacted.names == (name,)
    assert redact_json({"k": [frame.format(secret)]}) == ({"k": [redacted.text]}, (name,))


@pytest.mark.parametrize(("name", "before", "secret", "after"), KEPT_AROUND)
def test_only_the_secret_part_goes(name: str, before: str, secret: str, after: str) -> None:
    redacted = redact(before + secret + after)
    assert redacted.text == f"{before}[redacted:{name}]{after}"
    assert redacted.names == (name,)
    assert redact_json(["x", before + secret + after, "x"]) == (["x", redacted.text, "x"], (name,))


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text).text == text
    assert redact(text).names == ()
    assert redact_json({"content": [text]}) == ({"content": [text]}, ())


def test_every_rule_has_an_example() -> None:
    assert {rule.name for rule in RULES} == {*SECRETS, *(name for name, *_ in KEPT_AROUND)}


def test_a_private_key_cut_off_before_its_end_goes_but_the_text_after_it_stays() -> None:
    cut = PEM.partition("-----END")[0].rpartition("\n")[0].rpartition("\n")[0]
    assert redact(f"{cut}\n(truncated)").text == "[redacted:private_key]\n(truncated)"


def test_a_token_inside_a_longer_word_is_no_token() -> None:
    word = "xghp_" + MIXED[:36]
    assert redact(word).text == word


def test_the_specific_name_wins_and_all_names_are_told_sorted() -> None:
    token = "ghp_" + MIXED[:36]
    text = f'password="{token}" url=https://x:{token}@github.com AKIA' + "IOSFODNN7EXAMPLE"
    marker = "[redacted:github_token]"
    redacted = redact(text)
    assert redacted.text == f'password="{marker}" url=https://x:{marker}@github.com [redacted:aws_access_key_id]'
    assert redacted.names == ("aws_access_key_id", "github_token")


def test_redacting_a_json_line_keeps_it_json() -> None:
    line = json.dumps({**SECRETS, "env": 'PASSWORD="Tr0ub4dor&3"\n'})
    assert json.loads(redact(line).text)["env"] == 'PASSWORD="[redacted:assigned_secret]"\n'


@pytest.mark.parametrize("value", ["Tr0ub4dor&3", HEX, MIXED[:16], "hunter2!x", "1/f0Xa9+k3"])
def test_random_values_look_like_credentials(value: str) -> None:
    assert looks_like_credential(value)


@pytest.mark.parametrize(
    "value",
    ["", "short1", "password", "correct horse 1 battery", "my-secret-1", "aaaaaaa1", "${TOKEN1_VALUE}", "12345678901"],
)
def test_words_and_placeholders_do_not_look_like_credentials(value: str) -> None:
    assert not looks_like_credential(value)


def test_json_is_redacted_at_any_place_and_the_input_is_untouched() -> None:
    token = "npm_" + MIXED[:36]
    value: JsonValue = {"a": [1, None, True, 2.5, {"b": f"x {token}"}], token: "", "c": "fine"}
    before = json.dumps(value)
    redacted, names = redact_json(value)
    assert redacted == {"a": [1, None, True, 2.5, {"b": "x [redacted:npm_token]"}], token: "", "c": "fine"}
    assert names == ("npm_token",)
    assert json.dumps(value) == before


@pytest.mark.parametrize(
    "key", ["password", "DB_PASSWORD", "secret", "clientSecret", "x-api-key", "apiKey", "accessToken"]
)
def test_a_credential_under_a_telling_key_goes(key: str) -> None:
    assert redact_json({key: HEX}) == ({key: "[redacted:secret_field]"}, ("secret_field",))


@pytest.mark.parametrize(
    "value",
    [
        {"tokens": HEX},
        {"sha": HEX},
        {"password": "changeme"},
        {"token": 12345},
        {"token": {"count": HEX}},
        {"token": [HEX]},
    ],
)
def test_other_keys_and_plain_values_stay(value: JsonValue) -> None:
    assert redact_json(value) == (value, ())


def test_json_without_a_secret_comes_back_itself() -> None:
    value: JsonValue = {"a": ["token", {"password": "none"}]}
    assert redact_json(value)[0] is value


@pytest.mark.parametrize("step", [1, -1])
def test_strings_are_judged_one_by_one(step: int) -> None:
    key: list[JsonValue] = ["-----BEGIN PRIVATE KEY-----", MIXED, "-----END PRIVATE KEY-----"]
    urls: list[JsonValue] = ["://u:pass@host", "[redacted:x]@"]
    key, urls = key[::step], urls[::step]
    assert redact_json(key) == (key, ())
    assert redact_json({"key": key, "token": HEX})[1] == ("secret_field",)
    assert redact_json(urls)[1] == ("url_password",)


@pytest.mark.parametrize("secret", ["plain", "hf_" + MIXED[:34]])
def test_json_nested_deeper_than_the_stack_is_walked(secret: str) -> None:
    value: JsonValue = secret
    for level in range(100_000):
        value = [value] if level % 2 else {"k": value}
    redacted, names = redact_json(value)
    while isinstance(redacted, dict | list):
        redacted = redacted["k"] if isinstance(redacted, dict) else redacted[0]
    assert redacted == redact(secret).text
    assert names == redact(secret).names


def test_a_value_that_holds_a_marker_is_not_taken_again() -> None:
    once = redact('token="1://:p@"').text
    assert once == 'token="1://:[redacted:url_password]@"'
    assert redact(once).names == ()


def test_a_lone_surrogate_is_no_obstacle() -> None:
    assert redact("\ud800 password='Tr0ub4dor&3\udfff'").text == "\ud800 password='[redacted:assigned_secret]'"


FRAGMENTS = [
    *(rule.hint.decode() for rule in RULES),
    *(secret for secrets in SECRETS.values() for secret in secrets),
    *(part for _, *parts in KEPT_AROUND for part in parts),
    *(
        '"',
        "'",
        "\\",
        '\\"',
        "`",
        " ",
        "\n",
        "\0",
        "=",
        ": ",
        ":",
        "/",
        "@",
        "-",
        "_",
        ".",
        "+",
        "[",
        "]",
        "(",
        ",",
        ";",
        "İ",
        "é",
    ),
    *(
        "[redacted:",
        "[redacted:github_token]",
        "://u:",
        "-----",
        "-----END PRIVATE KEY-----",
        "\ud800",
        MIXED,
        HEX,
        "a1" * 300,
    ),
]
glued = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)
texts = st.one_of(glued, st.text(), st.tuples(glued, st.text(max_size=5), glued).map("".join))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.sampled_from(["token", "x", "Password", "ключ"]), inner)
    ),
    max_leaves=10,
)


@given(texts)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text) == type(once)(once.text, ())
    assert bool(once.names) == (once.text != text)


@given(json_values)
def test_redacting_json_twice_changes_nothing(value: JsonValue) -> None:
    once, names = redact_json(value)
    assert redact_json(once) == (once, ())
    assert bool(names) == (once != value)


@given(json_values)
def test_the_quick_look_misses_nothing(value: JsonValue) -> None:
    """Beside a lone surrogate, which is in no JSON text, everything is looked at in full."""
    in_full, names = redact_json([value, "\ud800"])
    quick, quick_names = redact_json(value)
    assert ([quick, "\ud800"], quick_names) == (in_full, names)


@given(texts)
def test_a_string_is_redacted_in_json_as_it_is_alone(text: str) -> None:
    alone = redact(text)
    assert redact_json(["before", text, {"x": "after"}]) == (["before", alone.text, {"x": "after"}], alone.names)


@given(st.text())
def test_text_without_hints_is_unchanged(text: str) -> None:
    folded = text.casefold()
    if not any(rule.hint.decode().casefold() in folded for rule in RULES):
        assert redact(text).text == text


EVIL = [
    *sorted({rule.hint.decode() for rule in RULES}),
    *(
        "eyJaaaaaaaaa.",
        "eyJaaaaaaaaa.eyJaaaaaaaaa.",
        "SG.aaaaaaaaaaaaaaaa.",
        "xoxb-aaaaaaaaaa-",
        "gas_aaaaaaaaaaaaaaaaaaaaaa-",
    ),
    *("-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n" + "A" * 40, "-----BEGIN PRIVATE KEY----- x"),
    *(
        'password="',
        "password='x\"",
        'token = "token = ',
        "secret=aaaaaaaaaaaa",
        "secret:=secret=>",
        "password=" + " " * 20,
    ),
    *(
        "://a:b",
        "://a:b@",
        "://" + "a" * 300,
        "a:b@c:d@",
        "basic aaaa",
        "bearer aaaaaaaaaaaaaaaaaa",
        "a",
        "A1",
        "\n",
        "\\n",
        "é",
    ),
]


def _seconds(text: str) -> float:
    """The better of two, in processor time, so that other work on the machine does not count."""
    best = float("inf")
    for _ in range(2):
        start = process_time()
        redact(text)
        best = min(best, process_time() - start)
    return best


@pytest.mark.parametrize("prefix", ["", 'password="', "://u:"])
def test_evil_text_costs_time_in_proportion_to_its_length(prefix: str) -> None:
    for piece in EVIL:
        short, long = (prefix + piece * (size // len(piece)) for size in (2_000, 32_000))
        # sixteen times the text: linear is 16 or less, as the fixed cost is shared; quadratic is 256
        assert _seconds(long) < 64 * max(_seconds(short), 0.0001), piece


SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "sample" / "claude-projects"


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the development data is not beside the project")
def test_real_transcripts_that_were_cleaned_before_show_no_false_finds() -> None:
    for path in sorted(SAMPLE.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert redact_json(json.loads(line))[1] == ()


@settings(max_examples=20)
@given(st.binary(min_size=600, max_size=600))
def test_base64_of_anything_is_left_alone(data: bytes) -> None:
    text = "data:image/png;base64," + b64encode(data * 5).decode()
    assert redact(text).names == ()
