"""The English form of an agency: `civil_affairs@410105` is "civil affairs at 410105".

The name that is stored is the Chinese one. The English form comes from the code, so that an English message holds no
Chinese and the reader can write the code.
"""

import sqlalchemy as sa
from sqlalchemy import ColumnElement


def english_name(agency: str) -> str:
    """The English form of an agency's code, for use within a sentence."""
    return agency.replace("@", " at ").replace("_", " ")


def english_name_sql(agency: ColumnElement[str], *, first: bool = False) -> ColumnElement[str]:
    """The same in SQL; null for null. `first`: the name begins the sentence, so it starts with a capital letter."""
    name = sa.func.replace(sa.func.replace(agency, "@", " at ", type_=sa.Text), "_", " ", type_=sa.Text)
    if not first:
        return name
    return sa.func.upper(sa.func.left(name, 1), type_=sa.Text) + sa.func.substr(name, 2, type_=sa.Text)
