"""What the page is told of the built-in trainers."""

from pathlib import Path

import httpx
from product import running


def test_the_page_gets_every_trainer_with_data_sets_and_schema(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        answer = client.get("/api/training/trainers")
        unknown = httpx.get(f"{server.url}/api/training/trainers")

    items = {each["name"]: each for each in answer.json()["items"]}
    boosting = items["gradient_boosting"]
    assert boosting["available"]
    assert boosting["datasets"][0]["name"] == "digits"
    assert boosting["datasets"][0]["n_rows"] == 1797
    assert boosting["schema"]["properties"]["lr"]["maximum"] == 1.0
    assert items["mlp"]["needs"] == "axonml-dashboard[torch]"
    assert unknown.status_code == 401
