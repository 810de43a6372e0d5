"""The columns of provenance and of a change. No table stores them: they are computed from the chain."""

from enum import StrEnum

import sqlalchemy as sa

from hub.foundation.database import CODE, TIMESTAMP, words
from hub.model.import_runs import ImportKind


class Origin(StrEnum):
    """How a value was entered into the hub."""

    IMPORT = "IMPORT"
    REQUEST = "REQUEST"
    SAMPLE = "SAMPLE"


PROVENANCE = sa.Table(
    "provenance",
    sa.MetaData(),
    sa.Column("household_id", sa.Uuid, nullable=False),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("agency_id", CODE),
    sa.Column("at", TIMESTAMP),
    sa.Column("client_id", sa.Text),
    sa.Column("origin", words(Origin)),
    sa.Column("import_kind", words(ImportKind)),
    sa.Column("import_file", sa.Text),
    sa.Column("import_started_at", TIMESTAMP),
    sa.Column("replaced", sa.Text),
)
"""The columns of `hub.provenance.origins`: a field of a subject (the id of a household, person, certification, circumstance
or aid record), and the event that set its value."""

CHANGE = sa.Table(
    "change",
    sa.MetaData(),
    sa.Column("household_id", sa.Uuid, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
)
"""The columns of `hub.provenance.changed`: a field that an event changed."""
