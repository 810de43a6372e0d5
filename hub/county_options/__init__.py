"""What a county extended to whom, where the policy leaves it to the county (46-3.5: 鼓励有条件的 …)."""
