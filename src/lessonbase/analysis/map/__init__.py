"""Which lessons lie near one another? A page that draws them as points, searched and by time.

What comes in are coordinates, groups and texts that others worked out; what goes out is one HTML
file that asks no one for anything, or its parts, for a server that has pages of its own.
"""

from lessonbase.analysis.map.contents import contents
from lessonbase.analysis.map.page import body, render, script, style
from lessonbase.analysis.map.points import NOISE, ClusterName, Point

__all__ = ["NOISE", "ClusterName", "Point", "body", "contents", "render", "script", "style"]
