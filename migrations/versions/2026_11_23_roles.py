"""The roles that serve requests, with the least they need.

`hub_reader` reads all but client secrets. `hub_writer` writes, but never deletes, and on the ledger only inserts.
Roles belong to the whole cluster: another database of it may have made them, and may need them still.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_23_roles"
down_revision: str | None = "2026_11_23_the_main_job"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

LEDGER = ("chain_event", "access_record", "write_receipt")
REFERENCE = ("region", "agency")
DOMAIN = (
    "installation", "household", "person", "shown_household", "certification", "circumstance", "import_run",
    "aid_record", "basic_living_detail", "medical_detail", "education_detail", "housing_detail", "employment_detail",
    "disaster_detail", "temporary_detail", "service_detail", "other_detail", "charity_detail", "referral", "referral_aid",
)  # fmt: skip
SECRET = ("oauth_client",)


def upgrade() -> None:
    """Make the roles where they are missing, and grant."""
    for role in ("hub_reader", "hub_writer"):
        op.execute(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then create role {role}; end if; end $$"
        )
    op.execute("grant usage on schema public to hub_reader, hub_writer")
    op.execute(f"grant select on {', '.join((*REFERENCE, *DOMAIN, *LEDGER))} to hub_reader, hub_writer")
    op.execute(f"grant insert on {', '.join((*DOMAIN, *LEDGER, *SECRET))} to hub_writer")
    op.execute(f"grant update on {', '.join((*DOMAIN, *SECRET))} to hub_writer")
    op.execute(f"grant select on {', '.join(SECRET)} to hub_writer")
    op.execute(
        "do $$ begin if exists (select from pg_roles where rolname = 'hub_service')"
        " then grant hub_reader, hub_writer to hub_service; end if; end $$"
    )


def downgrade() -> None:
    """Take the grants back, and the roles too where no other database of the cluster needs them."""
    op.execute("drop owned by hub_reader, hub_writer")
    for role in ("hub_reader", "hub_writer"):
        op.execute(
            f"do $$ begin drop role {role}; exception when dependent_objects_still_exist or insufficient_privilege then null; end $$"
        )
