"""What lists search and filter by follows the models, also those of an older data folder."""

from pathlib import Path

import apsw
from product import running
from registered import a_model, a_version

_AS_BEFORE = """
    DROP TABLE model_key; DROP TABLE model_words; DROP TABLE model_row;
    DROP TABLE axonml_model_events; DROP TABLE IF EXISTS axonml_uploads;
    DROP INDEX axonml_model_versions_format;
    ALTER TABLE axonml_model_versions DROP COLUMN format;
    DELETE FROM schema_version WHERE number >= 5;
"""


def test_models_of_an_older_data_folder_are_found(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        model = a_model(client, name="old", tags=["vision"], description="Reads **digits**.")
        version = a_version(client, model)
        assert client.put(f"/api/models/{model}/aliases/live", json={"version": 1}).is_success
    database = apsw.Connection(str(tmp_path / "axon.db"))
    _ = database.execute(_AS_BEFORE)
    database.close()

    with running(tmp_path) as server, server.client() as client:
        for query in ({"q": "digits"}, {"tag": "vision"}, {"alias": "live"}, {"format": "onnx"}):
            found = client.get("/api/models", params=query).json()["items"]
            assert [each["name"] for each in found] == ["old"], query
            assert found[0]["n_versions"] == 1
            assert found[0]["size_bytes"] == version["file_size"]


def test_the_last_version_of_a_format_takes_it_from_the_list(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        model = a_model(client)
        for factor in (1.0, 2.0):
            _ = a_version(client, model, factor)

        for number, n_found in ((1, 1), (2, 0)):
            assert client.delete(f"/api/models/{model}/versions/{number}").status_code == 204
            listed = client.get("/api/models", params={"format": "onnx"}).json()
            assert listed["total"] == n_found
        shown = client.get(f"/api/models/{model}").json()
        assert (shown["n_versions"], shown["size_bytes"], shown["formats"]) == (0, 0, [])
