"""Which pages may send a request that a cookie goes with."""

from pathlib import Path

import pytest

from axonml.config import Config, DashboardConfig
from axonml.errors import Forbidden
from axonml.http.origins import Origins, dashboard_origins

PAGE = "http://localhost:8080"


def test_the_page_has_both_names_of_this_machine_and_those_configured() -> None:
    config = Config(
        home=Path("/nowhere"),
        dashboard=DashboardConfig(
            host="::1", port=9000, origins=("https://axon.example/", "http://10.0.0.5:9000")
        ),
    )

    assert dashboard_origins(config) == {
        "http://localhost:9000",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "https://axon.example",
        "http://10.0.0.5:9000",
    }


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"origin": PAGE}, True),
        ({"origin": "http://localhost:3000", "host": "localhost:3000"}, True),
        ({"origin": "http://evil.example", "host": "localhost:3000"}, False),
        ({"origin": "null", "host": "localhost:3000"}, False),
        ({"origin": "", "host": ""}, False),
        ({"origin": "file://localhost:3000", "host": "localhost:3000"}, False),
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": PAGE, "sec-fetch-site": "same-site"}, True),
        ({"origin": "http://gpu-box:8080", "host": "gpu-box:3000"}, True),
        ({"origin": "http://[fe80::1]:8080", "host": "[fe80::1]:3000"}, True),
        ({"origin": "http://gpu-box:8081", "host": "gpu-box:3000"}, False),
        ({"origin": "http://evil.example:8080", "host": "gpu-box:3000"}, False),
        ({"origin": "http://a@gpu-box:8080", "host": "a@gpu-box:3000"}, False),
    ],
)
def test_a_request_is_ours_by_origin_host_and_fetch_site(
    headers: dict[str, str], *, ours: bool
) -> None:
    origins = Origins(frozenset({PAGE}), page_port=8080)

    assert origins.is_ours(headers) is ours
    if not ours:
        with pytest.raises(Forbidden) as refused:
            origins.check(headers)
        assert refused.value.problem_code == "origin_not_allowed"


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("http://localhost:3000", "localhost:3000", True),
        ("http://127.0.0.1:3000", "127.0.0.1:3000", True),
        ("http://[::1]:3000", "[::1]:3000", True),
        (PAGE, "localhost:3000", True),
        ("http://evil.example:3000", "evil.example:3000", False),
        ("http://evil.example:8080", "evil.example:3000", False),
        ("http://evil.example:3000", "", False),
    ],
)
def test_a_name_from_elsewhere_that_leads_to_a_local_server_is_refused(
    origin: str, host: str, *, ours: bool
) -> None:
    origins = Origins(frozenset({PAGE}), page_port=8080, is_local=True)

    assert origins.is_ours({"origin": origin, "host": host}) is ours
