"""What published tools against GraphQL and JWT try, as tests against the served hub."""
