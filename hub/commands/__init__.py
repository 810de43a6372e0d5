"""The order of steps of every write: `create` makes a new record, `update` changes an existing one.

1. **authorise**: check the scopes and the duty that the write needs;
2. **shape**: check what needs neither the database nor the clock;
3. **receipt**: if the agency has sent the same request before, return the same answer, whatever has changed since; other content
   under the same externalId is a Conflict, whatever its subject;
4. **before any subject**: refuse what cannot be done now for any subject, before a subject is looked up;
5. **subject**: find and lock the subject within the caller's sight; a subject out of sight answers like one that does not exist;
6. **state and time**: check whether it can be done now;
7. **rows and event**: write them with the receipt, in the caller's transaction.

A command of a noun states these parts; it never states their order.
"""
