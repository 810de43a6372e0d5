"""Items that a county extends to more categories, where the policy leaves this to the county (46-3.5: 鼓励有条件的 …)."""
