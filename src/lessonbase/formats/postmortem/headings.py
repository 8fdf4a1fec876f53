"""Headings and labels of post-mortems, and the field that each of them stands for.

Two tables: names that are a field's whatever is around them, and patterns that a longer heading is
tried with, in order. A heading that neither knows has no field, and its section is kept as it is.

Fields of a record: symptom, cause, impact, detection, recovery, prevention, checks. Parts of a
report: timeline, lessons, well, wrong, lucky. What is said *of* the report: the names in `META`.

Chosen from the headings of templates that are common: the example of the Google SRE book, those of
PagerDuty, Atlassian and GitLab, decision records with front matter.
"""

import re
from typing import Final

BODY: Final = frozenset(
    {"symptom", "cause", "impact", "detection", "recovery", "prevention", "checks"}
    | {"timeline", "lessons", "well", "wrong", "lucky"}
)


def _table(listed: dict[str, str]) -> dict[str, str]:
    return {name: field for field, names in listed.items() for name in names.split(", ")}


_NAMES: Final = _table(
    {
        "symptom": "summary, executive summary, incident summary, issue summary, overview, abstract"
        ", synopsis, tl dr, tldr, what happened, symptom, symptoms, problem, problem statement"
        ", problem description, description, incident description, incident overview, event"
        ", description of the incident, the incident, outage summary, high level summary"
        ", what went down, what broke, outage description",
        "cause": "cause, causes, root cause, root causes, root cause analysis, rca, why"
        ", why did it happen, why it happened, why did this happen, what caused it, trigger"
        ", triggers, contributing factors, contributing factor, contributing causes, leadup"
        ", lead up, fault, five whys, 5 whys, the five whys, proximate cause, underlying cause"
        ", causes and contributing factors, root cause identification the five whys"
        ", root cause identification, technical cause",
        "impact": "impact, customer impact, user impact, business impact, blast radius, effect"
        ", effects, consequences, damage, impact assessment, scope of impact, who was affected"
        ", what was affected, affected users, affected customers, impact on customers",
        "detection": "detection, how was it detected, how it was detected, how we found out"
        ", discovery, how did we find out, how was it noticed, noticed by, detected by, alerting",
        "recovery": "recovery, resolution, mitigation, mitigations, fix, the fix, solution"
        ", workaround, response, incident response, how did we respond, how we responded"
        ", remediation, how was it fixed, how it was fixed, how we fixed it, containment"
        ", resolution and recovery, mitigation and resolution, immediate fix, rollback, remedy"
        ", stabilization",
        "prevention": "prevention, prevention measures, action items, actions, action plan"
        ", corrective actions, corrective action, corrective and preventative measures"
        ", corrective and preventive measures, preventive measures, preventative measures"
        ", preventive actions, follow up, follow ups, followups, follow up actions"
        ", follow up items, follow up tasks, next steps, improvements, todo, todos, to do, tasks"
        ", remediation items, what we are doing about it, how we will prevent it"
        ", what are we doing about it, recommendations, long term fix, permanent fix"
        ", future prevention, what we will change, remediations, repair items",
        "checks": "checks, what we checked, investigation, diagnosis, diagnostics, troubleshooting"
        ", debugging, what was checked, investigation steps, steps taken, analysis steps"
        ", what responders checked",
        "timeline": "timeline, chronology, sequence of events, event log, incident timeline"
        ", chain of events, timeline of events, log of events, what happened when, events",
        "lessons": "lessons, lessons learned, lessons learnt, learnings, key learnings, takeaways"
        ", key takeaways, what we learned, what did we learn, what we learnt, retrospective"
        ", reflections, insights",
        "well": "what went well, went well, things that went well, what worked, what worked well"
        ", what we did well, positives, good, the good",
        "wrong": "what went wrong, what went poorly, what went badly, what could be improved"
        ", things that went wrong, things that went poorly, what could have gone better"
        ", what didn t go well, what did not go well, what could be better, what didn t go so well"
        ", where did we do poorly, challenges, negatives, bad, the bad",
        "lucky": "where we got lucky, got lucky, luck, lucky, where did we get lucky"
        ", where were we lucky, near misses",
    }
)
META: Final = _table(
    {
        "date": "date, incident date, date of incident, occurred, occurred at, occurred on, start"
        ", start time, started, started at, incident start, began, time of incident, start date"
        ", date time, date and time, when, time, incident began, incident started"
        ", start of incident, start of impact, impact start, start date time",
        "ended": "end, end time, ended, ended at, incident end, resolved at, resolved on"
        ", end date, time resolved, end of incident, end of impact, impact end, end date time",
        "duration": "duration, incident duration, outage duration, time to resolve, ttr, mttr"
        ", length of outage, total duration",
        "severity": "severity, sev, severity level, incident severity, priority, impact level"
        ", criticality, urgency",
        "status": "status, report status, state, document status, postmortem status"
        ", post mortem status",
        "authors": "author, authors, written by, owner, owners, postmortem owner, prepared by"
        ", post mortem owner, reported by, report by, document owner, submitted by, reviewer"
        ", by, name, names"
        ", names of people involved"
        ", reviewers, facilitator",
        "commander": "incident commander, incident commanders, commander, ic, incident manager"
        ", incident lead, imoc, incident owner, lead, incident manager on call, on call"
        ", on call engineer, responders, responder, responded by, incident responders, dri",
        "resolver": "resolved by, fixed by, mitigated by, recovered by, resolver",
        "services": "service, services, affected services, affected service, services affected"
        ", service affected, affected systems, systems affected"
        ", systems, system, components, component, affected components, affected component"
        ", impacted services, services impacted, product, products",
        "tags": "tag, tags, label, labels, keywords, categories, category, type, incident type"
        ", failure class",
        "id": "id, incident id, incident number, incident no, incident, ticket, issue, reference"
        ", incident key, incident ticket, tracking issue, jira, key",
        "url": "url, link, source, permalink, incident link",
        "published": "published, publication date, postmortem date, post mortem date"
        ", last updated"
        ", last modified"
        ", updated, date published, report date, date written, source published at",
        "title": "title, incident title",
        "confidence": "confidence",
        "evidence": "evidence",
        "company": "company, organisation, organization, vendor",
    }
)
# Longer headings; the first that is found in one decides.
_PATTERNS: Final = tuple(
    (re.compile(pattern), field)
    for pattern, field in (
        (r"\b(?:went|worked|go|did) (?:really )?well\b", "well"),
        (r"\blucky\b", "lucky"),
        (r"\b(?:went|gone|go|did) (?:wrong|badly|poorly)\b|\bcould (?:have|be|we)\b", "wrong"),
        (r"\b(?:lessons?|learned|learnt|learnings|takeaways?)\b", "lessons"),
        (r"\btime ?line\b|\bchronolog", "timeline"),
        (
            r"\baction items?\b|\bprevent|\bcorrective\b|\bfollow ?ups?\b|\bfollow up\b"
            r"|\bnext steps?\b|\bimprovements?\b|\brecommendations?\b|\bgoing forward\b"
            r"|\brecurrence\b.*\bavoid|\bavoid\b.*\b(?:again|future|recurrence)\b"
            r"|\bremediation (?:items?|plan)\b|\brepair items?\b",
            "prevention",
        ),
        (r"\broot causes?\b|\bcontributing\b|\bcaus(?:e|es|ed)\b|\bwhys\b|\btrigger", "cause"),
        (r"\bdetect|\bdiscover|\bnotic(?:e|ed)\b|\balert", "detection"),
        (r"\binvestigat|\bdiagnos|\btroubleshoot|\bchecked\b", "checks"),
        (
            r"\bresol(?:ution|ve|ved|ving)\b|\bmitigat|\brecover|\brestor|\bremediat|\bfixed\b"
            r"|\bworkaround\b|\brespon(?:se|d|ded)\b",
            "recovery",
        ),
        (r"\bimpact|\baffected\b|\bblast radius\b", "impact"),
        (r"\bsummary\b|\bwhat happened\b|\bsymptoms?\b|\boverview\b|\bproblem\b", "symptom"),
    )
)
_NUMBER: Final = re.compile(r"(?:\d{1,3}[.)]|\d{1,3}(?:\.\d{1,3})+\.?|[ivxIVX]{1,5}[.)])\s+")
# Longest heading that is looked at; a longer one is a sentence.
_LONGEST: Final = 90


def normal(heading: str) -> str:
    """*heading* in small letters and digits, its number at the front left out.

    >>> normal("3. What went **well**?"), normal("Service(s) affected:")
    ('what went well', 'services affected')
    """
    bare = _NUMBER.sub("", heading.strip().lstrip("#*_ "), count=1)
    return " ".join(re.findall(r"[^\W_]+", bare.lower().replace("&", " and ").replace("(s)", "s")))


def named(heading: str) -> str | None:
    """The field that *heading* names and nothing else; none if it is not in the tables.

    >>> named("Root Cause(s)"), named("Why the pool ran dry"), named("Severity:")
    ('cause', None, 'severity')
    """
    words = normal(heading[: 2 * _LONGEST])
    return _NAMES.get(words) or META.get(words)


def field_of(heading: str) -> str | None:
    """The field of a section with this heading: its own name, else the first pattern in it.

    >>> field_of("Summary of impact to customers"), field_of("How we got there")
    ('impact', None)
    """
    exact = named(heading)
    if exact or len(heading) > _LONGEST:
        return exact
    words = normal(heading)
    return next((field for pattern, field in _PATTERNS if pattern.search(words)), None)
