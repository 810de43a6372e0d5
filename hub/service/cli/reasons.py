"""Chinese reasons why a file, an address or the database cannot be used: systems and drivers give English reasons only."""

import errno
import os
import socket
import ssl

_BY_NUMBER = {
    errno.EACCES: "没有权限", errno.EPERM: "系统不允许", errno.ENOENT: "不存在", errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "是文件夹", errno.EEXIST: "已经存在", errno.ENOSPC: "磁盘已满", errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "文件系统只读", errno.EIO: "读写出错", errno.ENAMETOOLONG: "名称过长", errno.EMFILE: "打开的文件过多",
    errno.EADDRINUSE: "地址已被占用", errno.EADDRNOTAVAIL: "本机没有该地址", errno.ECONNREFUSED: "连接被拒绝",
    errno.ECONNRESET: "连接被断开", errno.EPIPE: "连接被断开", errno.ETIMEDOUT: "连接超时", errno.EHOSTUNREACH: "无法到达主机",
    errno.ENETUNREACH: "网络不可达",
}  # fmt: skip
"""Errors that operators meet, by the system's error numbers."""

_BY_WORDS = {
    "certificate": "证书不可用或未通过核验", "SSL": "服务器不提供所要求的 TLS", "password": "口令不正确或未提供",
    "resolve host": "无法解析主机名", "translate host": "无法解析主机名", "role": "登录名不可用", "database": "数据库不可用",
    "timeout": "连接超时", "timed out": "连接超时", "session": "没有符合要求的服务器",
}  # fmt: skip
"""Drivers' messages about an unreachable server, by the first of these phrases that they contain."""

_BY_SQLSTATE = {
    "28P01": "口令不正确", "28": "登录被拒绝", "3D": "数据库不存在", "53300": "连接数已满", "57P": "服务器正在启动或停止",
    "57014": "等待超时", "55P03": "锁等待超时", "40P01": "出现死锁", "42501": "没有权限", "42P01": "缺少表", "42703": "缺少列",
    "22023": "缺少角色",
}  # fmt: skip
"""By the beginnings of PostgreSQL's codes; longer ones come first."""


def reason_zh(error: BaseException) -> str:
    """The reason in Chinese, or only the error's number if there is no text for it."""
    if isinstance(error, socket.gaierror):
        return "无法解析主机名"
    if isinstance(error, ssl.SSLError):
        return (
            "证书不可用或未通过核验"
            if isinstance(error, ssl.SSLCertVerificationError)
            else "TLS 连接未能建立"
        )
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return next((zh for start, zh in _BY_SQLSTATE.items() if state.startswith(start)), f"错误码 {state}")
    if number := getattr(error, "errno", None):
        return _BY_NUMBER.get(number, f"系统错误 {number}")
    if isinstance(error, TimeoutError):
        return "连接超时"
    said = str(error)
    named = (zh for number, zh in _BY_NUMBER.items() if os.strerror(number) in said)
    return next(named, None) or next((zh for word, zh in _BY_WORDS.items() if word in said), "详见英文说明")
