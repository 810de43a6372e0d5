"""The last day of a recovery, and the possible days of a repayment, defined once (46-4.3: 依法依规追回)."""

from datetime import date


def deadline_passed(due_on: date | None, day: date) -> bool:
    """Whether the last day for a repayment is before a day; false without a last day."""
    return due_on is not None and due_on < day


def can_be_repaid_on(opened_on: date, repaid_on: date, day: date) -> bool:
    """Whether the day of a repayment is possible: from the day on which the recovery was opened to today (`day`)."""
    return opened_on <= repaid_on <= day
