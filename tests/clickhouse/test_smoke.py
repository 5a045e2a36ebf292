"""That the engine under these tests is there and binds values."""

from clickhouse_connect.driver.client import Client

AWKWARD = "it's \\ \t \n \"é\" {x}"


def test_values_come_back_as_they_were_bound(chdb: Client) -> None:
    asked = "SELECT {text:String} AS text, {texts:Array(String)} AS texts"
    [row] = chdb.query(asked, {"text": AWKWARD, "texts": [AWKWARD, ""]}).result_rows
    assert row == (AWKWARD, [AWKWARD, ""])
