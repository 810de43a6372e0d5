"""The order of steps of every write: `create` for what is new, `update` for what changes a record that stands.

1. **authorise**: the scopes and the duty that the write needs;
2. **shape**: what shows without the database and without the clock;
3. **receipt**: the same request of the same agency was answered before, and is answered so again, whatever time, standards and
   other writers changed since; another content under the same externalId is a Conflict, whomever it names;
4. **what no subject changes**: what cannot be done now, whoever it is about, is refused before anybody is looked for;
5. **subject**: whom or what it is about, within the caller's sight, and locked; out of sight answers as not there;
6. **state and time**: whether it can be done now;
7. **rows and event**, with the receipt, in the caller's transaction.

A command of a noun states these parts and never their order.
"""
