"""The clauses of the policy that answers cite, as a query."""
