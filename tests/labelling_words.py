"""A line that no phrase explains, and its skeleton."""

LINE = "【成都一部】宜晒被子"
SKELETON = "【】宜晒被子"
CODE = "X-99"
