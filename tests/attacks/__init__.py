"""The attacks of published tools against GraphQL and JWT, as tests against the served hub."""
