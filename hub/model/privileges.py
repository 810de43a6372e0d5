"""The privileges of the service's database roles on each table. `hub_reader` reads. `hub_writer` reads, inserts, and updates
the columns that are listed here. Neither may delete.

A table that is in none of these lists is read by both roles, and the writer inserts into it: it is a ledger, whose rows never
change. `hub migrate` sets these privileges (`hub.foundation.privileges`), and a test compares the database with the lists.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from hub.foundation.privileges import READER, WRITER, Privilege

LOADED_BY_THE_OWNER = frozenset({"region", "agency", "schema_version", "feed_counter"})
"""The tables that `hub migrate` writes: reference data, the versions that may run, and the one row that counts the events."""

WRITTEN_BY_TRIGGERS = frozenset({"record_event"})
"""The tables that the database itself writes whenever a row is written."""

NOT_READ_BY_READERS = frozenset(
    {
        "oauth_client", "scheduled_job", "share_entry", "write_receipt", "elsewhere_searches", "import_job",
        "export_job", "sealed_part", "import_before", "record_event",
        "log_checkpoint", "log_block",
    }
)  # fmt: skip
"""The tables that no query reads: secrets of clients, results of jobs, contents of lists, receipts of writes, numbers of
searches by a client, uploads and exports of agencies, rows that an import replaced, and the proof of the rows."""

READ_IN_PART: Mapping[str, tuple[str, ...]] = {
    "import_run": ("id", "kind", "agency_id", "file_name", "started_at"),
}
"""The columns that readers need, if they do not need the whole table: of an import, the origin of a field."""

CHANGED: Mapping[str, tuple[str, ...]] = {
    "feed_counter": ("newest",),
    "installation": ("sample", "sample_seed", "sample_households", "sample_as_of", "sample_made"),
    "oauth_client": ("revoked_at",),
    "oauth_client_document": ("registered_at", "withdrawn_at"),
    "household": ("region", "residence", "address", "income_per_capita", "source_agency", "version", "updated_at"),
    "person": (
        "name", "relation", "phone_sealed", "account_sealed", "health", "disability_type", "disability_grade",
        "education_stage", "school", "employment", "labour", "left_on", "source_agency", "version", "updated_at",
        "id_number_sealed", "id_number_index", "id_number_masked", "birth_date", "gender",
    ),
    "certification": (
        "subtype", "support", "certified_amount", "valid_from", "valid_until", "ended_on", "ended_because", "end_reason",
        "authority", "version",
    ),
    "circumstance": (
        "since", "until", "disability_type", "disability_grade", "education_stage", "school", "amount", "note",
        "version",
    ),
    "near_relative": ("ended_on", "end_reason", "version"),
    "monthly_share": (
        "rows", "agency_id", "shared_at", "first_shared_at", "found_late_at", "late_closed_at",
    ),
    "aid_record": ("superseded_at",),
    "county_option": ("ended_on", "end_reason", "version"),
    "charity_offer": ("remaining", "withdrawn_at", "version"),
    "recovery": ("waived", "waive_reason", "waived_by", "waived_on", "version"),
    "referral": (
        "status", "accepted_at", "closed_at", "return_reason", "outcome", "end_reason", "reminded_at",
        "escalated_at", "escalated_to", "version",
    ),
    "conference": ("status", "held_on", "minutes", "decision", "version"),
    "alert": (
        "status", "disposition", "disposition_reason", "disposed_by", "disposed_at", "certification_id",
        "conference_id", "closed_at", "closed_because", "version",
    ),
    "overlap_case": (
        "status", "disposition", "withdrawn", "reason", "decided_by", "decided_at", "second_id", "alert_id", "version",
    ),
    "disclosure": ("withdrawn_at", "withdraw_reason", "version"),
    "poverty_line": ("superseded_at",),
    "monitoring_run": ("finished_at",),
    "scheduled_job": ("done_for", "started_at", "finished_at", "outcome", "result", "incident"),
    "shown_household": ("until",),
    "elsewhere_searches": ("searches",),
    "import_run": ("undone_at",),
    "import_job": (
        "received", "size", "status", "attempts", "rows_done", "rows_total", "changed", "refused", "code", "message",
        "message_zh", "held_until", "finished_at", "preview", "preview_hash", "confirms",
        "undo",
    ),
    "export_job": (
        "status", "attempts", "rows", "position", "columns", "withheld", "code", "message", "message_zh", "held_until",
        "finished_at",
    ),
    "sealed_part": ("sealed",),
    "office_word": ("value", "client_id", "recorded_at"),
    "coverage": ("parent", "day", "as_of"),
    "coverage_category": ("households", "persons", "told"),
    "live_household": ("next_change_on", "evaluation", "region", "visit_rank", "visit_reasons", "partly_covered"),
    "live_entitlement": ("status", "to_check", "since"),
    "coverage_kind": ("entitled", "received", "referred", "missing", "duplicated", "told"),
}  # fmt: skip
"""The columns that a command or a job updates, by table. The identity of a person changes only by a correction of the number
(`hub.households.identity`)."""


def declared_privileges(metadata: sa.MetaData) -> frozenset[Privilege]:
    """All privileges on these tables."""
    declared = set[Privilege]()
    for name in metadata.tables:
        if name in READ_IN_PART:
            declared |= {Privilege(READER, name, "SELECT", column) for column in READ_IN_PART[name]}
        elif name not in NOT_READ_BY_READERS:
            declared.add(Privilege(READER, name, "SELECT"))
        declared.add(Privilege(WRITER, name, "SELECT"))
        declared |= {Privilege(WRITER, name, "UPDATE", column) for column in CHANGED.get(name, ())}
        if name in LOADED_BY_THE_OWNER | WRITTEN_BY_TRIGGERS:
            continue
        declared.add(Privilege(WRITER, name, "INSERT"))
    return frozenset(declared)
