"""Options of counties: an aid of the policy that a county extends to another category (46-3.5)."""
