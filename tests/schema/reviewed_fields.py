"""The fields that every caller with a token may read, reviewed one by one, and the fields that structure a response and hold
no data."""

SCAFFOLDING = {
    r"\w+Connection\.(edges|nodes|pageInfo|totalCount)": "Relay; the connection's own field is guarded",
    r"\w+Edge\.(cursor|node)": "Relay; cursors are sealed",
    r"PageInfo\.\w+": "Relay; cursors are sealed",
    r"\w+\.id": "opaque, made of random keys; the object behind it is guarded field by field",
    r"(\w+Payload|RecordedAid|UpsertedHousehold|ReportedCircumstance)\.(errors|warnings|outcomes|reports|created|changed)": (
        "the answer to the caller's own input"
    ),
    r"(\w+Payload|RecordedAid|UpsertedHousehold)\.(aidRecord|alert|application|certification|conference|disclosure|household"
    r"|liabilityDecision|nearRelative|objection|offer|option|overlapCase|recovery|referral|visit)"
    r"|ReportedCircumstance\.circumstance": ("a row is read by its type's scopes"),
    r"(UserError|Warning)\.\w+": "what the caller did wrong",
    r"Overlap\.\w+": "the rule of the caller's own outcome; the other record's id is present only if the caller may read it",
}
"""Patterns of coordinates that structure a response and hold no data of their own."""

SKELETON = {
    "Agency.code": "public: every office is known",
    "Agency.name": "public",
    "Agency.department": "public",
    "Agency.region": "public",
    "Region.code": "public: GB/T 2260",
    "Region.name": "public",
    "Region.level": "public",
    "CharityOffer.version": "a number for expectedVersion; reaching the offer is guarded",
    "Query.countyOptions": "public: a county publishes what it extends",
    **dict.fromkeys(
        (
            f"CountyOption.{name}"
            for name in (
                "county",
                "item",
                "category",
                "since",
                "document",
                "agency",
                "recordedAt",
                "endedOn",
                "endReason",
                "policyBasis",
                "version",
            )
        ),
        "public: a county publishes what it extends",
    ),
    "Query.lines": "public: standards are published by their offices",
    "PovertyLine.county": "public",
    "PovertyLine.residence": "public",
    "PovertyLine.category": "public",
    "PovertyLine.fromMonth": "public",
    "PovertyLine.yuan": "public",
    "PovertyLine.source": "public",
    "PovertyLine.recordedBy": "public: the office that reported the figure",
    "PovertyLine.recordedAt": "public",
    "Household.code": "the key by which agencies refer to a household; reaching it is guarded",
    "Household.region": "a common field; whether the household is in sight follows from it",
    "AidPeriod.start": "AidRecord.period is guarded on every kind",
    "AidPeriod.end": "AidRecord.period is guarded on every kind",
    "Certification.version": "a number for expectedVersion; reaching the certification is guarded",
    "Query.node": "each type's scopes open its existence (Reads.scopes), and each field its own",
    "Query.viewer": "the caller about itself",
    "Query.permissionMatrix": "the matrix is published: the permissions of departments are no secret",
    "ErrorNumber.name": "what the caller did wrong, in numbers of the hub's own",
    "ErrorNumber.value": "what the caller did wrong, in numbers of the hub's own",
    "Query.policyClauses": "the policy is public",
    "Query.codeTables": "the vocabulary is public: it is in the policy and the standards",
    "Viewer.agency": "the caller about itself",
    "Viewer.client": "the caller about itself",
    "Viewer.scopes": "the caller about itself",
    "Viewer.regions": "the caller about itself",
    "Viewer.purpose": "the caller about itself",
    "Viewer.purposes": "the caller about itself",
    "Viewer.withheld": "the caller about itself: by its scopes alone",
    **{
        f"Withheld.{name}": "by the caller's scopes alone"
        for name in ("entitlements", "alerts", "visitReasons")
    },
    **{f"PolicyClause.{field}": "public" for field in ("number", "place", "heading", "sentences", "gist")},
    "CodeTable.name": "the vocabulary is public",
    "CodeTable.nameZh": "the vocabulary is public",
    "CodeTable.nameEn": "the vocabulary is public",
    "CodeTable.standard": "the vocabulary is public",
    "CodeTable.values": "the vocabulary is public",
    "Code.code": "the vocabulary is public",
    "Code.nameZh": "the vocabulary is public",
    "Code.nameEn": "the vocabulary is public",
    "Code.noteZh": "the vocabulary is public",
    "Code.noteEn": "the vocabulary is public",
    "Code.standardCode": "the vocabulary is public",
    "Code.source": "the vocabulary is public",
    **{
        f"Code.{name}": "the catalogue is public" for name in ("kind", "form", "level", "aliases", "excludes")
    },
    "DepartmentPermissions.department": "the matrix is published",
    "DepartmentPermissions.name": "the matrix is published",
    "DepartmentPermissions.scopes": "the matrix is published",
    "DepartmentPermissions.purposes": "the matrix is published",
}
"""The reviewed list: a field that every caller with a token may read, and the reason."""
