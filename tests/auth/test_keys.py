"""Key files that nobody else reads."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from axonml.auth.keys import add_key, load_secret_keys, write_operator_key
from axonml.errors import StartupError


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first, again = load_secret_keys(tmp_path), load_secret_keys(tmp_path)

    assert first.current == again.current
    assert len(first.current.secret) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_processes_that_make_it_at_once_end_up_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = [key.current for key in threads.map(load_secret_keys, [tmp_path] * 16)]

    assert len({key.secret for key in made}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_the_first_line_signs_and_the_others_still_verify(tmp_path: Path) -> None:
    new, old = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"n", b"o"))
    path = tmp_path / "secret.key"
    path.touch(0o600)
    _ = path.write_text(f"new {new}\nold {old}\n")

    keys = load_secret_keys(tmp_path)

    assert keys.current.secret == b"n" * 32
    old_key = keys.get("old")
    assert old_key is not None
    assert old_key.secret == b"o" * 32
    assert keys.get("older") is None


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    key = load_secret_keys(tmp_path).current

    assert len({key.secret, key.derived("a"), key.derived("b")}) == 3
    assert key.derived("a") == key.derived("a")


@pytest.mark.parametrize(
    "text", ["", "\n", "k1", "k1 !!!!", "k1 " + "A" * 40, "k1 a b", "é", "k1 " + "A" * 43]
)
def test_a_file_without_a_long_enough_key_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret.key"
    path.touch(0o600)
    _ = path.write_text(text, encoding="utf-8")

    with pytest.raises(StartupError, match="does not hold keys of at least 32 bytes"):
        _ = load_secret_keys(tmp_path)


def test_a_key_that_others_can_read_stops_the_start_with_the_remedy(tmp_path: Path) -> None:
    _ = load_secret_keys(tmp_path)
    (tmp_path / "secret.key").chmod(0o640)

    with pytest.raises(StartupError, match="run: chmod 600"):
        _ = load_secret_keys(tmp_path)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"cannot use .*secret\.key: No such file"):
        _ = load_secret_keys(tmp_path / "nowhere")
    with pytest.raises(StartupError, match=r"cannot write .*operator\.key: No such file"):
        _ = write_operator_key(tmp_path / "nowhere")


def test_each_start_has_a_fresh_operator_key(tmp_path: Path) -> None:
    first, second = write_operator_key(tmp_path), write_operator_key(tmp_path)

    path = tmp_path / "operator.key"
    assert first != second == path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["operator.key"]


def test_the_environment_may_hold_the_keys_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, former = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    monkeypatch.setenv("AXONML_SECRET_KEY", f"b {newest}\na {former}\n")

    keys = load_secret_keys(tmp_path)

    assert (keys.current.kid, keys.current.secret) == ("b", bytes([1]) * 32)
    assert keys.get("a") is not None
    assert not (tmp_path / "secret.key").exists()
    with pytest.raises(StartupError, match="AXONML_SECRET_KEY"):
        add_key(tmp_path)


@pytest.mark.parametrize("text", ["x", "a b c", "a AAAA", "a !!!!"])
def test_an_environment_without_a_good_key_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("AXONML_SECRET_KEY", text)

    with pytest.raises(StartupError, match="AXONML_SECRET_KEY"):
        load_secret_keys(tmp_path)
