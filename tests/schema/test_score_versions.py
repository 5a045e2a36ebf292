"""Which version of the score somebody likes to be shown."""

import pytest

import resolvers.access
from domain.values import JsonValue
from resolvers.context import Services
from tests.schema.asking import Asker, make_asker

CHOICE = "{ viewer { scoreVersion { preferred default effective } } }"
SET = """mutation ($input: SetScoreVersionInput!) { setScoreVersion(input: $input) {
  viewer { id scoreVersion { preferred default effective } } userErrors { field code message } } }"""


async def _choice(asker: Asker) -> object:
    return (await asker.data(CHOICE))["viewer"]["scoreVersion"]


async def _set(asker: Asker, **input: JsonValue) -> dict[str, JsonValue]:
    return (await asker.data(SET, input=input))["setScoreVersion"]


def _shown(preferred: str | None, default: str, effective: str) -> dict[str, str | None]:
    return {"preferred": preferred, "default": default, "effective": effective}


async def test_without_a_preference_the_default_is_shown(ada: Asker) -> None:
    assert await _choice(ada) == _shown(None, "V3", "V3")
    await resolvers.access.set_settings(ada.ctx.services.database.urls, ada.slug, {"score_default": "v2"})
    assert await _choice(ada) == _shown(None, "V2", "V2")


async def test_a_preference_is_shown_instead_until_it_is_taken_back(ada: Asker) -> None:
    viewer = (await ada.data("{ viewer { id } }"))["viewer"]["id"]
    for version in ("V2", "V2", "V3"):
        payload = await _set(ada, version=version)
        assert payload == {"viewer": {"id": viewer, "scoreVersion": _shown(version, "V3", version)}, "userErrors": []}
        assert await _choice(ada) == _shown(version, "V3", version)
    await _set(ada, version=None)
    assert await _choice(ada) == _shown(None, "V3", "V3")


async def test_it_is_each_developers_own(ada: Asker, judged: Services, eve: Asker) -> None:
    lead = await make_asker(judged, ada.slug, admin=True)
    await _set(lead, version="V2")
    assert [await _choice(asker) for asker in (ada, eve)] == [_shown(None, "V3", "V3")] * 2


async def test_a_version_that_is_left_out_changes_nothing(ada: Asker) -> None:
    await _set(ada, version="V2")
    payload = await _set(ada)
    assert payload["viewer"] is None
    [error] = payload["userErrors"]
    assert (error["field"], error["code"]) == (["version"], "NOTHING_TO_CHANGE")
    assert error["message"]
    assert await _choice(ada) == _shown("V2", "V3", "V2")


@pytest.mark.parametrize("version", ["V1", "v2", 2, ["V2"]])
async def test_another_version_is_none(ada: Asker, version: JsonValue) -> None:
    assert await ada.code(SET, input={"version": version}) == "BAD_USER_INPUT"


async def test_a_key_without_the_scope_is_forbidden(ada: Asker, judged: Services) -> None:
    reader = await make_asker(judged, ada.slug, scopes=("scores:read",))
    assert await reader.code(SET, input={"version": "V2"}) == "FORBIDDEN"
    assert await _choice(reader) == _shown(None, "V3", "V3")


async def test_two_changes_in_one_operation_show_each_its_own(ada: Asker) -> None:
    answer = await ada.data(
        """mutation {
          a: setScoreVersion(input: {version: V2}) { viewer { scoreVersion { effective } } }
          b: setScoreVersion(input: {version: null}) { viewer { scoreVersion { effective } } }
        }"""
    )
    assert [answer[name]["viewer"]["scoreVersion"]["effective"] for name in "ab"] == ["V2", "V3"]
