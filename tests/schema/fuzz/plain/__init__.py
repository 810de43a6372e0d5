"""A third answer to the same queries: plain Python over dumped tables, small and slow.

Both executors of the hub share its row rules, filters, orders and keyset, so what is wrong there is wrong in both. Nothing
here is imported from the row policies, `hub.*.rules` or `schema`: fields and scopes are read from the printed SDL
(`contract`), rows are in sight by the words of the design (`sight`), and lists, filters, orders and pages are Python's own
(`lists`, `objects`). graphql-core walks the document.

It covers the core types; `contract.NOT_COVERED` names what it leaves out of them. An operation with an input that the hub
refuses is skipped and counted (`NotCovered`).
"""
