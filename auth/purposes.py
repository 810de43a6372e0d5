"""The meaning of each purpose of `departments.toml`, in words that a citizen can read: (English, Chinese)."""

from collections.abc import Mapping
from types import MappingProxyType

PURPOSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "audit": ("supervision of how aid is given", "审计监督"),
        "budget": ("planning of the funds for aid", "救助资金预算"),
        "certification": ("finding out who is entitled to be certified", "救助对象认定"),
        "charity": ("help by charity", "慈善帮扶"),
        "disability-aid": ("help for disabled persons", "残疾人帮扶"),
        "disaster-aid": ("help after a disaster", "受灾人员救助"),
        "disclosure": ("public lists of who is helped", "救助公示"),
        "education-aid": ("help with schooling", "教育救助"),
        "employment-aid": ("help to find work", "就业救助"),
        "housing-aid": ("help with housing", "住房救助"),
        "medical-aid": ("help with medical costs", "医疗救助"),
        "monitoring": ("finding in time who comes to be in need", "动态监测预警"),
        "payment": ("paying aid out", "救助资金发放"),
        "price-subsidy": ("subsidies when prices rise", "价格补贴"),
        "relapse-prevention": ("help against a return to poverty", "防止返贫帮扶"),
        "social-assistance": ("social assistance", "社会救助"),
    }
)
