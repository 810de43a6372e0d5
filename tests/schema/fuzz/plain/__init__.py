"""A third implementation of the same queries: plain Python over dumped tables, small and slow.

Both executors of the hub share its row rules, filters, orders and keyset, so an error there is in both. Nothing here is
imported from the row policies, `hub.*.rules` or `schema`. Fields and scopes are read from the printed SDL (`contract`). Rows
are in sight by the words of the design (`sight`). Lists, filters, orders and pages are Python's own (`lists`, `objects`).
graphql-core executes the document.

It covers the core types; `contract.NOT_COVERED` names the fields that it leaves out. An operation with an input that the hub
refuses is skipped and counted (`NotCovered`).
"""
