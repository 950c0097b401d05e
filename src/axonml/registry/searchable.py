"""What lists of models search, filter and sort by, in rows beside each document.

`model_row` has the fields of the model and the sums over its versions, `model_words` what a search
looks through, `model_key` a row for each tag, alias and format. They are written in the transaction
that writes the document, or the version.
"""

from typing import Final

from axonml.clock import as_ms
from axonml.registry.types import Model, ModelVersion
from axonml.storage.protocols import Statement

VERSIONS: Final = "axonml_model_versions"
# Of a long card the beginning is sought: what it says the model is.
_CARD_CHARACTERS: Final = 600
_HAS_REV: Final = "EXISTS (SELECT 1 FROM axonml_models WHERE id = $1 AND rev = $2)"
_ROW: Final = (
    "INSERT INTO model_row (id, user_id, visibility, name, updated_at)"
    " SELECT $1, $2, $3, $4, $5"
    " WHERE EXISTS (SELECT 1 FROM axonml_models WHERE id = $1 AND rev = $6)"
    " ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, visibility = excluded.visibility,"
    " name = excluded.name, updated_at = excluded.updated_at"
)
_WORDS: Final = (
    "INSERT INTO model_words (model, words) SELECT $1, $2"
    " WHERE EXISTS (SELECT 1 FROM axonml_models WHERE id = $1 AND rev = $3)"
    " ON CONFLICT (model) DO UPDATE SET words = excluded.words"
)
_CLEAR: Final = f"DELETE FROM model_key WHERE model = $1 AND kind <> 'format' AND {_HAS_REV}"


def rows_of(before: Model | None, after: Model, rev: int) -> list[Statement]:
    """Return the statements that bring the rows to `after`, for the document's transaction."""
    row = (after.id, after.user_id, after.visibility, after.name, as_ms(after.updated_at))
    statements = [Statement(_ROW, (*row, rev))]
    if before is None or _words(before) != _words(after):
        statements.append(Statement(_WORDS, (after.id, _words(after), rev)))
    keys = _keys(after)
    if before is not None and _keys(before) == keys:
        return statements
    statements.append(Statement(_CLEAR, (after.id, rev)))
    if keys:
        places = ", ".join(f"(${2 * i + 2}, ${2 * i + 3})" for i in range(len(keys)))
        has_rev = _HAS_REV.replace("$2", f"${2 * len(keys) + 2}")
        statements.append(
            Statement(
                "INSERT INTO model_key (model, kind, word) SELECT $1, column1, column2"
                f" FROM (VALUES {places}) AS keys WHERE {has_rev}",
                (after.id, *(part for key in keys for part in key), rev),
            )
        )
    return statements


def counting_in(version: ModelVersion) -> list[Statement]:
    """Return the statements that count a new version, for the transaction that stores it."""
    return [
        Statement(
            "UPDATE model_row SET n_versions = n_versions + 1, size_bytes = size_bytes + $1"
            " WHERE id = $2",
            (version.file_size, version.model_id),
        ),
        Statement(
            "INSERT INTO model_key (model, kind, word) VALUES ($1, 'format', $2)"
            " ON CONFLICT (model, kind, word) DO NOTHING",
            (version.model_id, version.format),
        ),
    ]


def counting_out(version: ModelVersion) -> list[Statement]:
    """Return the statements that count a version no more, once it is deleted."""
    return [
        Statement(
            "UPDATE model_row SET n_versions = n_versions - 1, size_bytes = size_bytes - $1"
            " WHERE id = $2",
            (version.file_size, version.model_id),
        ),
        Statement(
            "DELETE FROM model_key WHERE model = $1 AND kind = 'format' AND word = $2 AND NOT"
            f" EXISTS (SELECT 1 FROM {VERSIONS} WHERE model_id = $1 AND format = $2)",
            (version.model_id, version.format),
        ),
    ]


def _keys(model: Model) -> list[tuple[str, str]]:
    return [
        *(("tag", tag) for tag in dict.fromkeys(model.tags)),
        *(("alias", alias) for alias in model.aliases),
    ]


def _words(model: Model) -> str:
    card = model.description[:_CARD_CHARACTERS]
    text = " ".join((model.name, model.model_type, *model.tags, card)).casefold()
    # Once is enough: a search looks for one word at a time.
    return " ".join(dict.fromkeys(text.split()))
