"""Monthly shares (数据共享): the lists that registries shared for each month, and the late ones (46-2.2, 46-2.3)."""
