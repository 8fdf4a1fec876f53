"""The page at /: what an engineer in an incident opens, and a curator works with.

HTML from templates, made more fluent by htmx; every form works without it. Nothing is fetched from
anywhere else, and no script or style stands in the HTML, so that the strictest content security
policy holds: whatever a record says, it is text.
"""
