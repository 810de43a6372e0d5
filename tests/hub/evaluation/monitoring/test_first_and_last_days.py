"""The days and amounts at which each finding begins and ends, written by hand from the policy: the last case without a
finding, and the first case with one."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.evaluation.monitoring.household_part import in_part
from hub.evaluation.monitoring.rules import CONDITIONS
from hub.model.alerts import Finding
from hub.overlaps.pairs import pairs_without_case
from tests.conftest import TestCluster
from tests.hub.evaluation.monitoring.homes import (
    AGENCY,
    DAY,
    LONG_AGO,
    Home,
    aged,
    allowance,
    d,
    dead,
    died,
    hardship,
    household_paid,
    idle,
    never_paid,
    outside,
    paid_for,
    paid_of,
    papers,
    ran_out,
    reported_ill,
    severe,
    struck,
    struck_dead,
    student,
    supplement,
    twice,
    unemployed,
    urgent_again,
)

F = Finding
CASES: list[tuple[Finding, date, str, Callable[[Home], Home], bool]] = [
    # 46-3.2.2: aid of this school year, 1 September to 31 August
    (F.STUDENT_WITHOUT_AID, DAY, "aid until 31 August", student(LONG_AGO, d("2026-08-31")), True),
    (F.STUDENT_WITHOUT_AID, DAY, "aid until 1 September", student(LONG_AGO, d("2026-09-01")), False),
    (F.STUDENT_WITHOUT_AID, DAY, "aid from 31 August next", student(d("2027-08-31"), d("2027-12-31")), False),
    (F.STUDENT_WITHOUT_AID, DAY, "aid from 1 September next", student(d("2027-09-01"), d("2027-12-31")), True),
    (F.STUDENT_WITHOUT_AID, DAY, "certified, and not on the list",
     lambda home: never_paid(LONG_AGO, "RIGID_EXPENDITURE")(home).is_(education_stage="PRIMARY"), True),
    (F.STUDENT_WITHOUT_AID, DAY, "neither certified nor on the list",
     lambda home: home.is_(education_stage="PRIMARY"), False),
    (F.STUDENT_WITHOUT_AID, DAY, "a student from today on", lambda home: home.told("HARDSHIP_STUDENT", "education", DAY), True),
    (F.STUDENT_WITHOUT_AID, DAY, "a student from tomorrow on",
     lambda home: home.told("HARDSHIP_STUDENT", "education", d("2026-11-25")), False),
    (F.STUDENT_WITHOUT_AID, DAY, "a student until today",
     lambda home: home.told("HARDSHIP_STUDENT", "education", until=DAY), True),
    (F.STUDENT_WITHOUT_AID, DAY, "a student until yesterday",
     lambda home: home.told("HARDSHIP_STUDENT", "education", until=d("2026-11-23")), False),
    # 46-3.2.4: aid within twelve months
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid until a year ago", unemployed(LONG_AGO, d("2025-11-24")), False),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid until a year and a day ago", unemployed(LONG_AGO, d("2025-11-23")), True),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid from today", unemployed(DAY, d("2027-01-01")), False),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid from tomorrow", unemployed(d("2026-11-25"), d("2027-01-01")), True),
    # 46-3.2.4: working age is from 16 to 62
    (F.ZERO_EMPLOYMENT, DAY, "16 tomorrow", idle(d("2010-11-25")), False),
    (F.ZERO_EMPLOYMENT, DAY, "16 today", idle(d("2010-11-24")), True),
    (F.ZERO_EMPLOYMENT, DAY, "63 tomorrow", idle(d("1963-11-25")), True),
    (F.ZERO_EMPLOYMENT, DAY, "63 today", idle(d("1963-11-24")), False),
    (F.ZERO_EMPLOYMENT, DAY, "outside, on the line", outside("900.00"), True),
    (F.ZERO_EMPLOYMENT, DAY, "outside, a fen above the only line", outside("900.01"), False),
    (F.ZERO_EMPLOYMENT, DAY, "certified, a fen above the only line",
     lambda home: outside("900.01")(home).certified("OTHER_HARDSHIP"), True),
    (F.ZERO_EMPLOYMENT, DAY, "retired", lambda home: home.is_(birth_date=d("1970-01-01"), employment="RETIRED"), False),
    (F.ZERO_EMPLOYMENT, DAY, "died yesterday",
     lambda home: idle(d("1986-01-01"))(home).told("DEATH", "civil_affairs", since=d("2026-11-23")), False),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "outside, on the line",
     lambda home: outside("900.00")(home).told("REGISTERED_UNEMPLOYED", "human_resources"), True),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "outside, a fen above the only line",
     lambda home: outside("900.01")(home).told("REGISTERED_UNEMPLOYED", "human_resources"), False),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "certified, and known to the township alone",
     lambda home: outside("900.00")(home).certified("POVERTY_RELAPSE_MONITORED", of_member=False, subtype="UNSTABLE"), True),
    # 46-3.2.1: in extreme hardship when the year began
    (F.PREMIUM_NOT_IN_FULL, DAY, "in hardship since 31 December", hardship(d("2025-12-31")), True),
    (F.PREMIUM_NOT_IN_FULL, DAY, "in hardship since 1 January", hardship(d("2026-01-01")), False),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium until 31 December", hardship(LONG_AGO, LONG_AGO, d("2025-12-31")), True),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium until 1 January", hardship(LONG_AGO, LONG_AGO, d("2026-01-01")), False),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium from 31 December",
     hardship(LONG_AGO, d("2026-12-31"), d("2027-12-31")), False),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium from 1 January", hardship(LONG_AGO, d("2027-01-01"), d("2027-12-31")), True),
    # 46-3.1: certified before a month began, and not paid for it after its 10th
    (F.ALLOWANCE_MISSING, DAY, "certified since January", never_paid(d("2026-01-05")), True),
    (F.ALLOWANCE_MISSING, d("2026-11-11"), "certified on 31 October, on 11 November", never_paid(d("2026-10-31")), True),
    (F.ALLOWANCE_MISSING, d("2026-11-10"), "certified on 31 October, on 10 November", never_paid(d("2026-10-31")), False),
    (F.ALLOWANCE_MISSING, DAY, "certified on 1 November", never_paid(d("2026-11-01")), False),
    (F.ALLOWANCE_MISSING, DAY, "support never paid", never_paid(d("2026-01-05"), "EXTREME_HARDSHIP"), True),
    (F.ALLOWANCE_MISSING, DAY, "margin has none", never_paid(d("2026-01-05"), "SUBSISTENCE_MARGIN"), False),
    (F.ALLOWANCE_MISSING, DAY, "paid for November", paid_for(d("2026-11-01"), d("2026-11-30")), False),
    (F.ALLOWANCE_MISSING, DAY, "paid for October", paid_for(d("2026-10-01"), d("2026-10-31")), True),
    (F.ALLOWANCE_MISSING, DAY, "support does not answer an allowance",
     paid_for(d("2026-11-01"), d("2026-11-30"), "EXTREME_HARDSHIP_SUPPORT"), True),
    (F.ALLOWANCE_MISSING, DAY, "died yesterday",
     lambda home: never_paid(LONG_AGO)(home).told("DEATH", "civil_affairs", since=d("2026-11-23")), False),
    # 46-3.2.1: the fixed part of the year, for people with the allowance when the year began
    (F.PREMIUM_MISSING, DAY, "certified on 31 December", never_paid(d("2025-12-31")), True),
    (F.PREMIUM_MISSING, DAY, "certified on 1 January", never_paid(d("2026-01-01")), False),
    # 46-3.2.1: seriously ill and certified before the last month that is due
    (F.MEDICAL_AID_MISSING, DAY, "reported ill on 31 October",
     lambda home: never_paid(LONG_AGO)(home).told("SERIOUS_ILLNESS", "health", since=d("2026-10-31")), True),
    (F.MEDICAL_AID_MISSING, DAY, "reported ill on 1 November",
     lambda home: never_paid(LONG_AGO)(home).told("SERIOUS_ILLNESS", "health", since=d("2026-11-01")), False),
    (F.MEDICAL_AID_MISSING, DAY, "chronically ill, which is to be checked",
     lambda home: never_paid(LONG_AGO)(home).told("CHRONIC_ILLNESS", "health"), False),
    (F.MEDICAL_AID_MISSING, DAY, "certified on 31 October",
     lambda home: never_paid(d("2026-10-31"), "OTHER_HARDSHIP")(home).is_(health="SERIOUS"), True),
    (F.MEDICAL_AID_MISSING, DAY, "certified on 1 November",
     lambda home: never_paid(d("2026-11-01"), "OTHER_HARDSHIP")(home).is_(health="SERIOUS"), False),
    # 46-3.2.5: struck more than ten days ago, and certified on that day
    (F.DISASTER_AID_MISSING, DAY, "struck eleven days ago", struck(d("2026-11-13")), True),
    (F.DISASTER_AID_MISSING, DAY, "struck ten days ago", struck(d("2026-11-14")), False),
    (F.DISASTER_AID_MISSING, DAY, "certified from that day", struck(d("2026-11-01"), since=d("2026-11-01")), True),
    (F.DISASTER_AID_MISSING, DAY, "certified the day after", struck(d("2026-11-01"), since=d("2026-11-02")), False),
    (F.DISASTER_AID_MISSING, DAY, "certified until the day before",
     struck(d("2026-11-01"), valid_until=d("2026-10-30")), False),
    # 46-3.5: the last winter whose subsidy is due began on 15 November 2025
    (F.HEATING_MISSING, DAY, "certified when the winter began", never_paid(d("2025-11-15")), True),
    (F.HEATING_MISSING, DAY, "certified the day after", never_paid(d("2025-11-16")), False),
    (F.HEATING_MISSING, DAY, "in an institution",
     lambda home: home.certified("EXTREME_HARDSHIP", support="INSTITUTIONAL"), False),
    # 46-3.5: funeral fees for people who were certified when they died, a month later
    (F.FUNERAL_FEES_MISSING, DAY, "died 31 days ago", died(d("2026-10-24")), True),
    (F.FUNERAL_FEES_MISSING, DAY, "died 30 days ago", died(d("2026-10-25")), False),
    (F.FUNERAL_FEES_MISSING, DAY, "the certification ended by the death",
     died(d("2026-10-01"), ended_on=d("2026-10-01"), ended_because="DECEASED"), True),
    (F.FUNERAL_FEES_MISSING, DAY, "the certification ended the day before",
     died(d("2026-10-01"), ended_on=d("2026-09-30"), ended_because="NO_LONGER_ELIGIBLE"), False),
    # 46-4.3: a certification by mistake was never in force
    (F.FUNERAL_FEES_MISSING, DAY, "the certification was a mistake that was found after the death",
     died(d("2026-10-01"), ended_on=d("2026-10-20"), ended_because="MISTAKE"), False),
    (F.FUNERAL_FEES_MISSING, DAY, "the certification ended for another reason after the death",
     died(d("2026-10-01"), ended_on=d("2026-10-20"), ended_because="NO_LONGER_ELIGIBLE"), True),
    (F.FUNERAL_FEES_MISSING, DAY, "the household certified after the death",
     lambda home: home.told("DEATH", "civil_affairs", since=d("2026-10-01")).certified(
         "SUBSISTENCE_ALLOWANCE", d("2026-10-02"), of_member=False), False),
    # 46-3.5: a disabled member with the allowance
    (F.DISABILITY_ALLOWANCE_MISSING, DAY, "certified on 31 October",
     lambda home: never_paid(d("2026-10-31"))(home).is_(disability_grade=4), True),
    (F.DISABILITY_ALLOWANCE_MISSING, DAY, "certified on 1 November",
     lambda home: never_paid(d("2026-11-01"))(home).is_(disability_grade=4), False),
    (F.DISABILITY_ALLOWANCE_MISSING, DAY, "of the margin, which the county may extend it to",
     lambda home: never_paid(LONG_AGO, "SUBSISTENCE_MARGIN")(home).is_(disability_grade=4), False),
    # 46-3.1: 每月10日前发放到位, including the 10th
    (F.ALLOWANCE_LATE, d("2026-11-10"), "unpaid on the 10th", allowance(d("2026-11-01"), d("2026-11-30")), False),
    (F.ALLOWANCE_LATE, d("2026-11-11"), "unpaid on the 11th", allowance(d("2026-11-01"), d("2026-11-30")), True),
    (F.ALLOWANCE_LATE, DAY, "paid on the 10th",
     allowance(d("2026-11-01"), d("2026-11-30"), paid_on=d("2026-11-10")), False),
    (F.ALLOWANCE_LATE, DAY, "paid on the 11th", allowance(d("2026-11-01"), d("2026-11-30"), paid_on=d("2026-11-11")), True),
    # a decision after the 10th is due by the next 10th: a payment that the record shows as in time is not late here
    (F.ALLOWANCE_LATE, DAY, "decided on 20 October, paid on 5 November",
     allowance(d("2026-10-01"), d("2026-10-31"), decided_on=d("2026-10-20"), paid_on=d("2026-11-05")), False),
    (F.ALLOWANCE_LATE, DAY, "decided on 20 October, paid on 11 November",
     allowance(d("2026-10-01"), d("2026-10-31"), decided_on=d("2026-10-20"), paid_on=d("2026-11-11")), True),
    (F.ALLOWANCE_LATE, DAY, "of a year ago", allowance(d("2025-11-24"), d("2025-12-23")), True),
    (F.ALLOWANCE_LATE, DAY, "of a year and a day ago", allowance(d("2025-11-23"), d("2025-12-22")), False),
    # 46-3.1: 100 yuan more from the month that begins at age 70 or later; the previous month is due until the 10th
    (F.SUPPLEMENT_MISSING, d("2026-11-10"), "October's, on 10 November",
     aged(d("1950-01-01"), d("2026-10-01"), d("2026-10-31")), True),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "October's, on 11 November",
     aged(d("1950-01-01"), d("2026-10-01"), d("2026-10-31")), False),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "until 1 November", aged(d("1950-01-01"), LONG_AGO, d("2026-11-01")), True),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "until 31 October", aged(d("1950-01-01"), LONG_AGO, d("2026-10-31")), False),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "from 30 November",
     aged(d("1950-01-01"), d("2026-11-30"), d("2027-01-31")), True),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "from 1 December",
     aged(d("1950-01-01"), d("2026-12-01"), d("2027-01-31")), False),
    (F.SUPPLEMENT_MISSING, DAY, "70 on the 1st", aged(d("1956-11-01"), d("2026-11-01"), d("2026-11-30")), True),
    (F.SUPPLEMENT_MISSING, DAY, "70 on the 2nd", aged(d("1956-11-02"), d("2026-11-01"), d("2026-11-30")), False),
    (F.SUPPLEMENT_MISSING, DAY, "18 on the 1st", aged(d("2008-11-01"), d("2026-11-01"), d("2026-11-30")), False),
    (F.SUPPLEMENT_MISSING, DAY, "18 on the 2nd", aged(d("2008-11-02"), d("2026-11-01"), d("2026-11-30")), True),
    (F.SUPPLEMENT_MISSING, DAY, "reported ill on the 1st", reported_ill(d("2026-11-01")), True),
    (F.SUPPLEMENT_MISSING, DAY, "reported ill on the 2nd", reported_ill(d("2026-11-02")), False),
    (F.SUPPLEMENT_MISSING, DAY, "1 yuan", supplement("1", 1), True),
    (F.SUPPLEMENT_MISSING, DAY, "100 yuan", supplement("100", 1), False),
    (F.SUPPLEMENT_MISSING, DAY, "100 yuan for two", supplement("100", 2), True),
    (F.SUPPLEMENT_MISSING, DAY, "200 yuan for two", supplement("200", 2), False),
    # 46-4.3: the amount paid for a month, compared with the certified amount
    (F.AMOUNT_DIFFERS, DAY, "a fen less", paid_of("399.99"), True),
    (F.AMOUNT_DIFFERS, DAY, "in full", paid_of("400.00"), False),
    (F.AMOUNT_DIFFERS, DAY, "a fen more", paid_of("400.01"), True),
    (F.AMOUNT_DIFFERS, DAY, "in two payments", paid_of("150.00", "250.00"), False),
    (F.AMOUNT_DIFFERS, DAY, "three months at once", paid_of("1200.00", first=d("2026-09-01")), False),
    (F.AMOUNT_DIFFERS, DAY, "three months, one of them not", paid_of("800.00", first=d("2026-09-01")), True),
    (F.AMOUNT_DIFFERS, DAY, "of a year and a day ago",
     paid_of("1.00", first=d("2025-11-23"), last=d("2025-12-22")), False),
    (F.AMOUNT_DIFFERS, DAY, "nothing was certified",
     paid_for(d("2026-11-01"), d("2026-11-30")), False),
    # 46-2.1: a deadline ends with its day in China, at 16:00 UTC
    (F.REFERRAL_OVERDUE, DAY, "due when today began", lambda home: home.referred(datetime(2026, 11, 23, 16, tzinfo=UTC)), True),
    (F.REFERRAL_OVERDUE, DAY, "due a second later",
     lambda home: home.referred(datetime(2026, 11, 23, 16, 0, 1, tzinfo=UTC)), False),
    # 46-2.3: grades 1 and 2 are severe; an allowance counts on its first and last day, but not on the day on which it was
    # ended
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "grade 2", lambda home: home.is_(disability_grade=2), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "grade 3", lambda home: home.is_(disability_grade=3), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certificate of grade 2",
     lambda home: home.told("DISABILITY", "disabled_federation", disability_grade=2), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certificate of grade 3",
     lambda home: home.told("DISABILITY", "disabled_federation", disability_grade=3), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "left today", lambda home: home.is_(disability_grade=2, left_on=DAY), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "leaves tomorrow",
     lambda home: home.is_(disability_grade=2, left_on=d("2026-11-25")), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified from today", severe(since=DAY), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified from tomorrow", severe(since=d("2026-11-25")), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified until today", severe(valid_until=DAY), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified until yesterday", severe(valid_until=d("2026-11-23")), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "ended today", severe(ended_on=DAY, ended_because="RECERTIFIED"), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "ends tomorrow",
     severe(ended_on=d("2026-11-25"), ended_because="RECERTIFIED"), False),
    # 46-2.4: income above the line
    (F.INCOME_ABOVE_LINE, DAY, "a fen below the line",
     lambda home: home.certified("SUBSISTENCE_MARGIN", of_member=False).earns("899.99", "900.00"), False),
    (F.INCOME_ABOVE_LINE, DAY, "on the line",
     lambda home: home.certified("SUBSISTENCE_MARGIN", of_member=False).earns("900.00", "900.00"), False),
    (F.INCOME_ABOVE_LINE, DAY, "a fen above the line",
     lambda home: home.certified("SUBSISTENCE_MARGIN", of_member=False).earns("900.01", "900.00"), True),
    # 46-2.2: aid of a period that begins after somebody's death
    (F.DECEASED_RECIPIENT, DAY, "aid from the day of death", dead(DAY), False),
    (F.DECEASED_RECIPIENT, DAY, "aid from the day after", dead(d("2026-11-25")), True),
    (F.DECEASED_RECIPIENT, DAY, "the household is paid after its only covered member died",
     household_paid(d("2026-11-25")), True),
    (F.DECEASED_RECIPIENT, DAY, "the household is paid for the month of death", household_paid(DAY), False),
    (F.DECEASED_RECIPIENT, DAY, "another member is covered",
     lambda home: household_paid(d("2026-11-25"))(home).certified("SUBSISTENCE_ALLOWANCE", of_member=False).joined(), False),
    # 46-2.2: the month of death is allowed
    (F.DECEASED_CERTIFIED, DAY, "died on 31 October", died(d("2026-10-31")), True),
    (F.DECEASED_CERTIFIED, DAY, "died on 1 November", died(d("2026-11-01")), False),
    (F.DECEASED_CERTIFIED, DAY, "ended today", died(d("2026-10-01"), ended_on=DAY, ended_because="DECEASED"), False),
    (F.HOUSEHOLD_WITHOUT_MEMBERS, DAY, "died on 31 October", struck_dead(d("2026-10-31")), True),
    (F.HOUSEHOLD_WITHOUT_MEMBERS, DAY, "died on 2 November", struck_dead(d("2026-11-02")), False),
    (F.HOUSEHOLD_WITHOUT_MEMBERS, DAY, "another member lives",
     lambda home: struck_dead(d("2026-10-31"))(home).joined(), False),
    (F.HOUSEHOLD_WITHOUT_MEMBERS, DAY, "left on 1 November",
     lambda home: never_paid(LONG_AGO)(home).is_(left_on=d("2026-11-01")), True),
    (F.HOUSEHOLD_WITHOUT_MEMBERS, DAY, "left on 2 November",
     lambda home: never_paid(LONG_AGO)(home).is_(left_on=d("2026-11-02")), False),
    # 46-4.3: an allowance without a certification, and an allowance that is still paid after its certification ran out
    (F.AID_WITHOUT_TITLE, DAY, "never certified", allowance(d("2026-11-01"), d("2026-11-30")), True),
    (F.AID_WITHOUT_TITLE, DAY, "certified", paid_for(d("2026-11-01"), d("2026-11-30")), False),
    (F.AID_WITHOUT_TITLE, DAY, "another category",
     paid_for(d("2026-11-01"), d("2026-11-30"), "EXTREME_HARDSHIP_SUPPORT"), True),
    (F.AID_WITHOUT_TITLE, DAY, "of another member",
     lambda home: allowance(d("2026-11-01"), d("2026-11-30"))(home.joined()).certified_other(), True),
    (F.AID_WITHOUT_TITLE, DAY, "ran out on 31 October", ran_out(d("2026-10-31")), True),
    (F.AID_WITHOUT_TITLE, DAY, "ran out on 1 November", ran_out(d("2026-11-01")), False),
    (F.AID_WITHOUT_TITLE, DAY, "of a year and a day ago", allowance(d("2025-11-23"), d("2025-12-22")), False),
    (F.AID_WITHOUT_TITLE, DAY, "help for the disabled without a disability",
     lambda home: home.given("OTHER", d("2026-11-01"), DAY, {"form": "DISABILITY_LIVING"}), True),
    (F.AID_WITHOUT_TITLE, DAY, "help for the disabled",
     lambda home: home.is_(disability_grade=3).given("OTHER", d("2026-11-01"), DAY, {"form": "DISABILITY_LIVING"}), False),
    # 46-3.3: the last day for the papers
    (F.PAPERS_OVERDUE, DAY, "due yesterday", papers(d("2026-11-23")), True),
    (F.PAPERS_OVERDUE, DAY, "due today", papers(DAY), False),
    (F.PAPERS_OVERDUE, DAY, "supplied late", papers(d("2026-11-23"), DAY), False),
    # 46-2.3: income within a line
    (F.INCOME_BELOW_LINE, DAY, "on the line", lambda home: home.earns("900.00", "900.00"), True),
    (F.INCOME_BELOW_LINE, DAY, "a fen above the line", lambda home: home.earns("900.01", "900.00"), False),
    (F.INCOME_BELOW_LINE, DAY, "certified",
     lambda home: home.earns("900.00", "900.00").certified("OTHER_HARDSHIP"), False),
    (F.INCOME_BELOW_LINE, DAY, "died yesterday",
     lambda home: home.earns("900.00", "900.00").told("DEATH", "civil_affairs", since=d("2026-11-23")), False),
    (F.BETTER_CATEGORY, DAY, "on the line of the margin",
     lambda home: home.earns("900.00", "900.00").certified("OTHER_HARDSHIP"), True),
    (F.BETTER_CATEGORY, DAY, "a fen above the line of the margin",
     lambda home: home.earns("900.01", "900.00").certified("OTHER_HARDSHIP"), False),
    (F.BETTER_CATEGORY, DAY, "in the category",
     lambda home: home.earns("900.00", "900.00").certified("SUBSISTENCE_MARGIN", of_member=False), False),
    (F.BETTER_CATEGORY, DAY, "in none", lambda home: home.earns("900.00", "900.00"), False),
    # 46-2.1: two periods overlap if they share a day
    (F.DUPLICATE_AID, DAY, "the one begins on the other's last day", twice(d("2026-06-01"), d("2026-06-01")), True),
    (F.DUPLICATE_AID, DAY, "the one begins the day after", twice(d("2026-06-01"), d("2026-06-02")), False),
    (F.DUPLICATE_AID, DAY, "the same agency again", twice(d("2026-06-01"), d("2026-06-01"), AGENCY), True),
    (F.DUPLICATE_AID, DAY, "the same agency the day after", twice(d("2026-06-01"), d("2026-06-02"), AGENCY), False),
    (F.DUPLICATE_AID, DAY, "urgent aid the day after", urgent_again(d("2026-11-21")), True),
    (F.DUPLICATE_AID, DAY, "urgent aid two days after", urgent_again(d("2026-11-22")), False),
    (F.DUPLICATE_AID, DAY, "the household as a whole", lambda home: (
        home.given("OTHER", d("2026-01-01"), DAY, {"form": "HEATING"}, person_id=None)
        .given("OTHER", DAY, DAY, {"form": "HEATING"}, person_id=None)), True),
    (F.DUPLICATE_AID, DAY, "another form", lambda home: (
        home.given("OTHER", d("2026-01-01"), DAY, {"form": "HEATING"}, person_id=None)
        .given("OTHER", DAY, DAY, {"form": "GAS"}, person_id=None)), False),
]  # fmt: skip


@pytest.fixture(scope="module")
def connection(cluster: TestCluster, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A database without households; the rows of each case are rolled back."""
    name = f"hub_days_{uuid4().hex[:8]}"
    with psycopg.connect(cluster.create(name, template)) as opened:
        yield opened
        opened.rollback()
    cluster.drop(name)


def households_found(
    connection: psycopg.Connection[Any], finding: Finding, day: date, only: UUID
) -> set[UUID]:
    """The households with the finding on a day, searched in a part of only one household."""
    if finding is Finding.DUPLICATE_AID:
        query: Any = pairs_without_case(in_part)
    else:
        query = CONDITIONS[finding].facts()
    subquery = query.subquery()
    compiled = sa.select(subquery.c.household_id).compile(dialect=pg.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
    whole = compiled.construct_expanded_state({"first": only, "last": only, "day": day})
    return {row[0] for row in connection.execute(whole.statement.encode(), whole.parameters)}


@pytest.mark.parametrize(
    ("finding", "day", "case", "made", "found"), CASES, ids=[f"{case[0]} {case[2]}" for case in CASES]
)
def test_a_finding_begins_and_ends_on_these_days(
    connection: psycopg.Connection[Any],
    finding: Finding,
    day: date,
    case: str,
    made: Callable[[Home], Home],
    found: bool,
) -> None:
    home = made(Home(connection))
    assert households_found(connection, finding, day, home.id) == ({home.id} if found else set()), case
    connection.rollback()


def test_every_finding_of_a_household_has_its_first_and_last_cases() -> None:
    without_a_bound = {F.ILLNESS_OUTSIDE, F.PARTLY_COVERED, F.WITHOUT_LABOUR, F.PERSON_IN_TWO_HOUSEHOLDS}
    """Their conditions depend on words, not on numbers or days; membership and validity on a day are the same for all
    findings."""
    assert {case[0] for case in CASES} | without_a_bound == set(CONDITIONS)
