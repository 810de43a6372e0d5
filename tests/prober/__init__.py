"""Attackers beside somebody who asks little: how long does that one wait?"""
