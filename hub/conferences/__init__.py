"""Case conferences (社会救助工作联席会议, 一事一议): joint decisions on complex cases (46-2.4, 46-3.3, 46-4.1)."""
