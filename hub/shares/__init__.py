"""Monthly shares (数据共享): which list of which registry came for which month, and which is late (46-2.2, 46-2.3)."""
