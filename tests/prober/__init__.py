"""Attacks beside a client with few requests: how long does that client wait?"""
