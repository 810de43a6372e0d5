"""Names as in Henan: surnames by frequency, given names by generation and gender."""

from random import Random

from hub.model.persons import Gender

_SURNAMES = {
    "王": 92, "李": 88, "张": 86, "刘": 54, "陈": 36, "赵": 34, "杨": 33, "郭": 22, "马": 20, "孙": 19,
    "吴": 17, "周": 16, "徐": 15, "朱": 14, "胡": 13, "高": 13, "宋": 13, "郑": 12, "韩": 12, "冯": 11,
    "何": 11, "黄": 10, "梁": 10, "许": 10, "任": 9, "杜": 9, "崔": 9, "贾": 8, "董": 8, "秦": 8,
    "史": 7, "袁": 7, "姚": 7, "常": 7, "白": 6, "范": 6, "程": 6, "田": 6, "魏": 6, "苏": 6,
    "申": 5, "曹": 5, "闫": 5, "牛": 5, "耿": 4, "楚": 3, "禹": 3, "靳": 3, "司": 2, "荆": 2,
    "欧阳": 1, "司马": 1, "皇甫": 1,
}  # fmt: skip

_GIVEN: tuple[tuple[int, dict[Gender, tuple[str, str]]], ...] = (
    (1955, {Gender.MALE: ("德 福 根 长 金 永 世 国 天 文 玉 广", "山 海 成 才 顺 林 有 生 堂 明 臣 义 祥 全"),
            Gender.FEMALE: ("秀 桂 玉 淑 凤 春 素 翠 爱 兰", "英 兰 珍 荣 梅 花 芝 莲 云 娥 香 琴 枝 芬")}),
    (1975, {Gender.MALE: ("建 国 志 卫 新 保 红 永 军 战 爱 中", "军 国 民 华 平 强 伟 生 林 明 杰 安 喜 峰"),
            Gender.FEMALE: ("秀 春 玉 爱 红 桂 丽 凤 改 巧", "霞 玲 英 梅 芳 红 萍 琴 云 敏 枝 丽 珍 勤")}),
    (1995, {Gender.MALE: ("志 晓 俊 海 文 鹏 亚 少 建 会", "伟 强 磊 鹏 涛 超 勇 辉 杰 波 锋 飞 斌 刚"),
            Gender.FEMALE: ("晓 丽 海 慧 亚 艳 静 红 文 会", "丽 娟 静 敏 燕 艳 娜 芳 霞 莉 玲 萍 利 娜")}),
    (2010, {Gender.MALE: ("浩 子 俊 嘉 文 宇 世 家 明 佳", "豪 轩 杰 宇 涵 博 阳 航 龙 鑫 昊 凯 乐 铭"),
            Gender.FEMALE: ("梦 雨 佳 子 思 欣 文 雅 诗 嘉", "涵 婷 怡 琪 欣 雨 洁 瑶 萱 颖 慧 晴 妍 冉")}),
    (9999, {Gender.MALE: ("梓 沐 宇 浩 奕 俊 一 子 晨 泽", "轩 辰 泽 宸 睿 霖 然 铭 阳 恒 诺 硕 皓 言"),
            Gender.FEMALE: ("梓 诗 欣 一 若 语 沐 可 雨 依", "涵 萱 怡 诺 汐 桐 彤 琪 冉 妍 朵 宁 希 瑶")}),
)  # fmt: skip

_SINGLE_CHARACTER = 0.14
_surnames = tuple(_SURNAMES)
_surname_steps = tuple(sum(tuple(_SURNAMES.values())[: place + 1]) for place in range(len(_SURNAMES)))
_given = tuple(
    (before, {gender: (first.split(), last.split()) for gender, (first, last) in parts.items()})
    for before, parts in _GIVEN
)


def surname(rng: Random) -> str:
    """A surname by its frequency."""
    return rng.choices(_surnames, cum_weights=_surname_steps)[0]


def given_name(rng: Random, birth_year: int, gender: Gender) -> str:
    """A given name that is usual for the year of birth."""
    first, last = next(parts[gender] for before, parts in _given if birth_year < before)
    return rng.choice(last) if rng.random() < _SINGLE_CHARACTER else rng.choice(first) + rng.choice(last)
