"""Inputs of outcomes and needs as an agency sends them. Each test passes the values that it changes."""

from typing import Any

from tests.fixtures.days import day

RECORD_AID = """
mutation ($input: RecordAidInput!) {
  recordAid(input: $input) {
    aidRecord { id version kind status program }
    errors { code message messageZh path }
    warnings { code message messageZh path }
  }
}
"""
RECORD_AIDS = """
mutation ($input: RecordAidsInput!) {
  recordAids(input: $input) {
    outcomes { created aidRecord { id } errors { code path } warnings { code } }
    errors { code path }
  }
}
"""
AMEND_AID = """
mutation ($input: AmendAidInput!) {
  amendAid(input: $input) {
    aidRecord {
      id version status
      history { version status supersededAt ... on EducationAid { outcome amendmentReason } }
    }
    errors { code path }
  }
}
"""
REVOKE_AID = """
mutation ($input: RevokeAidInput!) {
  revokeAid(input: $input) {
    aidRecord { id version status }
    errors { code message messageZh path }
    warnings { code message messageZh path }
  }
}
"""
OPEN_RECOVERY = """
mutation ($input: OpenRecoveryInput!) {
  openRecovery(input: $input) { recovery { id version status outstanding } errors { code message messageZh path } }
}
"""
RECORD_REPAYMENT = """
mutation ($input: RecordRepaymentInput!) {
  recordRepayment(input: $input) {
    recovery { id version status repaid outstanding repayments { number amount repaidOn agency { code } } }
    errors { code message messageZh path }
  }
}
"""
WAIVE_RECOVERY = """
mutation ($input: WaiveRecoveryInput!) {
  waiveRecovery(input: $input) {
    recovery { status waived waiveReason waivedBy { code } outstanding version } errors { code message messageZh path }
  }
}
"""
CREATE_REFERRAL = """
mutation ($input: CreateReferralInput!) {
  createReferral(input: $input) {
    referral { id status version dueAt overdue from { code } to { code } need household { code } }
    errors { code message path }
  }
}
"""


def step(name: str) -> str:
    """The mutation that takes one step of a referral: accept, return, complete, forward or end."""
    return f"""
    mutation ($input: {name.capitalize()}ReferralInput!) {{
      {name}Referral(input: $input) {{
        referral {{ id status version returnReason endReason outcome need to {{ code }} aidRecords {{ id kind }}
          forwardedFrom {{ id status forwardedTo {{ id }} }} }}
        errors {{ code message messageZh path }}
      }}
    }}
    """


def grant_of_a_pupil(subject: dict[str, str], **changes: Any) -> dict[str, Any]:
    """An education grant (46-3.2.2), at a school with pupils of any age from 14."""
    return {
        "externalId": "GRANT-1",
        "subject": subject,
        "program": "困难学生助学金",
        "periodFrom": "2026-09-01",
        "periodUntil": "2027-01-31",
        "status": "PAID",
        "decidedOn": "2026-09-20",
        "paidOn": "2026-10-08",
        "amount": "1250.00",
        "detail": {
            "education": {
                "form": "GRANT",
                "schoolYear": 2026,
                "stage": "VOCATIONAL",
                "school": "文化路中等职业学校",
            }
        },
    } | changes


def urgent_payment(subject: dict[str, str], region: str = "410105001", **changes: Any) -> dict[str, Any]:
    """Urgent aid, paid first (46-3.3)."""
    return {
        "externalId": "URGENT-1",
        "subject": subject,
        "program": "临时救助金",
        "periodFrom": "2026-10-01",
        "periodUntil": "2026-10-31",
        "status": "PAID",
        "decidedOn": "2026-10-02",
        "paidOn": "2026-10-02",
        "amount": "1500.00",
        "detail": {"temporary": {"form": "PAY_FIRST", "trouble": "突发火灾", "happenedAtRegion": region}},
    } | changes


def need(subject: dict[str, str], to: str, kind: str = "EDUCATION", **changes: Any) -> dict[str, Any]:
    """A need to push to the agency in charge (46-2.1)."""
    return {
        "externalId": "NEED-1",
        "subject": subject,
        "toAgency": to,
        "need": kind,
        "reason": "孩子就学困难",
    } | changes


CERTIFY = """
mutation ($input: CertifyInput!) {
  certify(input: $input) {
    certification {
      id version category subtype support validFrom validUntil endedOn policyBasis
      authority { code } person { id } household { code }
    }
    errors { code message messageZh path }
  }
}
"""
TERMINATE = """
mutation ($input: TerminateCertificationInput!) {
  terminateCertification(input: $input) {
    certification { id version endedOn endedBecause endReason }
    errors { code message messageZh path }
    warnings { code message messageZh path }
  }
}
"""


def certification(
    subject: dict[str, str], category: str = "OTHER_HARDSHIP", **changes: Any
) -> dict[str, Any]:
    """A certification (46-1.2)."""
    return {
        "externalId": "CERT-1",
        "subject": subject,
        "category": category,
        "validFrom": "2026-10-01",
        "validUntil": day(300),
    } | changes


SUBMIT = """
mutation ($input: SubmitApplicationInput!) {
  submitApplication(input: $input) {
    application { id status channel agency { code } answers { id need status version reason to { code } } }
    errors { code message messageZh path }
  }
}
"""


def application(subject: dict[str, str], *kinds: str, **changes: Any) -> dict[str, Any]:
    """One application for all needs (46-4.1)."""
    needs = [{"need": kind, "reason": "家庭困难"} for kind in kinds or ("EDUCATION", "HOUSING")]
    return {"externalId": "APPLICATION-1", "subject": subject, "needs": needs, "channel": "COUNTER"} | changes
