"""For each command of the hub, how it is called beside a running hub, its exit code, and its output."""

OFFICE = "civil_affairs@410105001"
CALLS: dict[str, tuple[str, int, str]] = {
    "demo": ("demo --households 20 --port {port}", 1, "NOT_A_SAMPLE"),  # real households; with a sample below
    "serve": ("serve --port {taken}", 1, "ADDRESS_UNAVAILABLE"),  # on a port of its own it serves, see below
    "migrate": ("migrate", 0, "migrated"),
    "import households": ("import households {folder}/户籍.csv --agency " + OFFICE, 0, "1 landed"),
    "import undo": ("import undo 01931f2e-7c1a-7e7e-9d1b-2f0c6a4b8d10", 1, "NOT_FOUND"),
    "import template": (
        "import template households {folder}/模板.xlsx --agency " + OFFICE,
        0,
        "written 已生成",
    ),
    "coverage": ("coverage", 0, "counties counted"),
    "schedule": ("schedule", 0, "监测预警"),
    "schema": ("schema", 0, "type Query"),
    "errors": ("errors", 0, "FORBIDDEN_FIELD"),
    "glossary": ("glossary", 0, "SUBSISTENCE_ALLOWANCE"),
    "verify": ("verify", 0, "0 broken"),
    "seal": ("seal", 0, "/log+"),
    "proof log": ("proof log {folder}/log", 0, "entries"),
    "proof export": ("proof export K-1 --out {folder}/proof.json", 0, "links of a chain"),
    "bench": ("bench --help", 0, "W1"),
    "client create": ("client create --agency education@410105 --json", 0, "client_secret"),
    "client list": ("client list", 0, "{client}"),
    "client revoke": ("client revoke {client}", 0, "revoked"),
    "client documents add": ("client documents add {client} {folder}/query.graphql", 0, "registered"),
    "client documents list": ("client documents list {client}", 0, "sha256"),
    "client documents remove": ("client documents remove {client} " + "0" * 64, 1, "NOT_FOUND"),
    "keys create": ("keys create", 1, "KEYS_EXIST"),
    "keys use": ("keys use", 0, "data.1 seals"),  # before a key is added: the running hub has no other
    "keys add": ("keys add", 0, "added data.2"),
    "keys list": ("keys list", 0, "data.1"),
    "monitor run": ("monitor run", 0, "新增预警"),
    "monitor rules": ("monitor rules", 0, "条款"),
    "permissions": ("permissions", 0, "education"),
    "permissions explain": ("permissions explain {folder}/query.graphql", 0, "household:read"),
    "permissions withdraw-check": ("permissions withdraw-check household:read", 0, "would break"),
    "referrals remind": ("referrals remind", 0, "brought to mind"),
    "referrals diagram": ("referrals diagram", 0, "mermaid"),
    "visits list": ("visits list --region 410105001 --agency " + OFFICE, 0, "households"),
}
"""For each command: the call, the exit code, and words of the output. `{folder}` contains a file of households and a
document."""
