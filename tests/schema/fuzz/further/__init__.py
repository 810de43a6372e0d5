"""The lists that `tests.schema.fuzz.plain` leaves out, in plain Python over dumped tables: which rows a filter keeps (`lists`,
`values`), and in which order they come. Rows in sight are those of `tests.hub.policy.permissions.sight`. Each filter and each
order is written from its description in the SDL.
"""
