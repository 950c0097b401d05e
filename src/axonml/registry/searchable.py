"""What lists of models search, filter and sort by, in rows beside each document.

`model_row` has the fields of the model, `model_key` a row for each tag and alias. They are written
in the transaction that writes the document.
"""

from typing import Final

from axonml.clock import as_ms
from axonml.registry.types import Model
from axonml.storage.protocols import Statement

# Of a long card the beginning is sought: what it says the model is.
_CARD_CHARACTERS: Final = 2000
_ROW: Final = (
    "INSERT INTO model_row (id, user_id, visibility, name, updated_at, words)"
    " SELECT $1, $2, $3, $4, $5, $6"
    " WHERE EXISTS (SELECT 1 FROM axonml_models WHERE id = $1 AND rev = $7)"
    " ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, visibility = excluded.visibility,"
    " name = excluded.name, updated_at = excluded.updated_at, words = excluded.words"
)
_HAS_REV: Final = "EXISTS (SELECT 1 FROM axonml_models WHERE id = $1 AND rev = $2)"
_CLEAR: Final = f"DELETE FROM model_key WHERE model = $1 AND {_HAS_REV}"


def rows_of(before: Model | None, after: Model, rev: int) -> list[Statement]:
    """Return the statements that bring the rows to `after`, for the document's transaction."""
    row = (after.id, after.user_id, after.visibility, after.name, as_ms(after.updated_at))
    statements = [Statement(_ROW, (*row, _words(after), rev))]
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


def _keys(model: Model) -> list[tuple[str, str]]:
    return [
        *(("tag", tag) for tag in dict.fromkeys(model.tags)),
        *(("alias", alias) for alias in model.aliases),
    ]


def _words(model: Model) -> str:
    card = model.description[:_CARD_CHARACTERS]
    return "\n".join((model.name, model.model_type, *model.tags, card)).casefold()
