"""A need is answered by aid that is in force. Revoked aid is refused, with its path, and nothing is written (46-2.1)."""

from hub.model.referrals import ReferralStatus
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, REVOKE_AID, grant_of_a_pupil
from tests.journeys.test_alerts import done
from tests.journeys.test_referral_life import RECEIVER, bring, take


def test_a_record_that_was_revoked_answers_no_need(writable_hub: Served, of_jinshui: list[Somebody]) -> None:
    subject = {"personId": of_jinshui[0].person_id}
    key, version = bring(writable_hub, of_jinshui[0], ReferralStatus.ACCEPTED)
    revoked, standing = (
        done(writable_hub, RECEIVER, RECORD_AID, grant_of_a_pupil(subject, externalId=f"AID-{place}"))
        for place in range(2)
    )
    taken_back = {"id": revoked["id"], "expectedVersion": 1, "because": "MISTAKE", "reason": "录入有误"}
    assert writable_hub.ask(RECEIVER, REVOKE_AID, {"input": taken_back}).data["revokeAid"]["errors"] == []
    before = writable_hub.everything_written()
    both = [standing["id"], revoked["id"]]
    (error,) = take(writable_hub, RECEIVER, "complete", key, version, aidRecordIds=both)["errors"]
    assert (error["code"], error["path"]) == ("REVOKED_AID_CANNOT_ANSWER", ["input", "aidRecordIds", "1"])
    assert "was revoked" in error["message"]
    assert "已撤销" in error["messageZh"]
    assert writable_hub.everything_written() == before
    assert take(writable_hub, RECEIVER, "complete", key, version, aidRecordIds=both[:1])["errors"] == []
