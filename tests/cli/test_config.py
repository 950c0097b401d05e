import json

from cli.axon import Axon


def test_each_value_says_where_it_comes_from(axon: Axon) -> None:
    axon.home.mkdir()
    file = axon.home / "config.toml"
    _ = file.write_text('[server]\nhost = "127.0.0.2"\nport = 1\n[storage]\nblobs = "x"\n')

    settings = {s["key"]: s for s in json.loads(axon.ok("config", "--json"))}

    assert settings["home"] == {"key": "home", "value": str(axon.home), "source": "AXONML_HOME"}
    assert settings["server.host"]["source"] == str(file)
    assert settings["server.port"] == {
        "key": "server.port",
        "value": axon.server_port,
        "source": "AXONML_SERVER_PORT",
    }
    assert settings["auth.idle_days"]["source"] == "default"


def test_a_password_in_an_address_is_not_shown(axon: Axon) -> None:
    axon.home.mkdir()
    url = "postgresql://me:secret@db.example/axon"
    _ = (axon.home / "config.toml").write_text(f'[storage]\nurl = "{url}"\n')

    said = axon.ok("config")

    assert "secret" not in said
    assert "postgresql://me:***@db.example/axon" in said
