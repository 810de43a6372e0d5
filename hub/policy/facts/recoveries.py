"""Until when a recovery is to be repaid, and on which days it can be, defined once (46-4.3: 依法依规追回)."""

from datetime import date


def deadline_passed(due_on: date | None, day: date) -> bool:
    """Whether the last day for a repayment lies before a day; without a last day it never does."""
    return due_on is not None and due_on < day


def can_be_repaid_on(opened_on: date, repaid_on: date, day: date) -> bool:
    """Whether something was repaid on a possible day: from the one on which the recovery was opened to today (`day`)."""
    return opened_on <= repaid_on <= day
