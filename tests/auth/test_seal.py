from pathlib import Path

import pytest

from axonml.auth.keys import load_secret_keys
from axonml.auth.seal import Seal
from axonml.errors import Conflict


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return Seal(load_secret_keys(tmp_path))


def test_what_is_sealed_opens_for_its_own_purpose_only(seal: Seal) -> None:
    sealed = seal.close(b"secret", "totp:ada")

    assert seal.open(sealed, "totp:ada") == b"secret"
    with pytest.raises(Conflict, match="does not open"):
        _ = seal.open(sealed, "totp:eve")


def test_what_was_sealed_before_there_were_versions_opens_and_is_sealed_anew(seal: Seal) -> None:
    sealed = seal.close(b"secret", "totp:ada")
    old = sealed.removeprefix("v1.")

    assert seal.open(old, "totp:ada") == b"secret"
    assert seal.is_current(sealed)
    assert not seal.is_current(old)


@pytest.mark.parametrize("text", ["", "v1.", "v2.k.AAAA", "v1.k1.!!", "k1.AAAA", "v1.k1.AAAA.b"])
def test_what_was_never_sealed_does_not_open(seal: Seal, text: str) -> None:
    with pytest.raises(Conflict, match="does not open"):
        _ = seal.open(text, "totp:ada")
