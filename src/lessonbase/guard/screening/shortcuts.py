"""Unsafe shortcuts that are said to have worked.

Planted successes (MemoryGraft, 2025) teach to leave out a safeguard since it always went well. So
leaving one out is a hint, and a claim that it went well makes it enough; what guards against
strangers (signatures, approval, permissions) is enough by itself unless the advice is limited.
"""

from typing import Final

from lessonbase.guard.screening.found import ENOUGH, HINT
from lessonbase.guard.screening.phrases import Rule, literal, rule

_L: Final = {
    "SKIP": "skip|bypass|disable|omit|ignore|drop|remove|turn_off|switch_off|leave_out|suppress|"
    "circumvent|suspend|do_without|delete",
    "KILL": "skip|bypass|disable|omit|turn_off|switch_off|leave_out|circumvent|do_without",
    "SKIPPING": "skipping|bypassing|disabling|omitting|ignoring|turning_off|switching_off|"
    "leaving_out|"
    "suppressing|turned_off|switched_off|skipped|disabled|bypassed|dropped",
    "VITAL": "signature|signatures|certificate_check|certificate_checks|certificate_validation|"
    "authentication|authorization|authorisation|approval|approvals|permission|permissions|"
    "checksum|checksums|mfa|2fa|two-factor|sandbox|firewall|audit_log|audit_logging|audit_entry|"
    "verification|confirmation|rate_limiter|limiter|fraud_check|antivirus|encryption|host_key|"
    "security_scan|security_check|security_checks|security_review|certificate_errors|"
    "certificate_warnings",
    "USUAL": "test|tests|review|reviews|validation|check|checks|backup|backups|canary|scan|lint|"
    "linter|"
    "hook|hooks|sign-off|dry_run|assertion|assertions|draining|staging|tests_and_review",
    "ASK": "ask|asking|wait|waiting|request|requesting",
    "UNDONE": "running|validation|validating|verifying|reading|masking|matching|encrypting|testing|"
    "tests|"
    "reviewing|opening|logging|backups|signatures|a_clause|sandboxing",
    "SECRET": "password|passwords|private_key|private_keys|secret|secrets|credentials|admin_key|"
    "root_key|token",
    "OPEN": "channel|public|repository|repo|chat|bucket|ticket|wiki|world|internet|everyone",
    "LIMIT": "emergency|safety|interlock|alarm|quota|spending_limit|budget_limit|freeze",
    "YES": "confirmation|approval|permission|consent|permissions|sign-off|review|human|person|"
    "verification",
}

# Switches that turn a safeguard off, as they are written.
_FLAGS: Final = (
    "--no-verify",
    "verify=false",
    "verify = false",
    "curl -k",
    "--insecure",
    "chmod 777",
    "chmod -r 777",
    "--privileged",
    "stricthostkeychecking=no",
    "stricthostkeychecking no",
    "node_tls_reject_unauthorized=0",
    "git_ssl_no_verify",
    "--trusted-host",
    "--dangerously-skip-permissions",
    "setenforce 0",
    "--allow-unauthenticated",
    "--disable-web-security",
    "open all ports",
)

SHORTCUTS: Final[tuple[Rule, ...]] = (
    rule("drops a safeguard", ENOUGH, "KILL ~2 VITAL", _L, directed=True, advice=True),
    rule("drops a safeguard", HINT, "SKIP ~3 VITAL", _L, directed=True, advice=True),
    rule("drops a safeguard", HINT, "SKIPPING ~3 VITAL", _L, advice=True),
    rule("drops a safeguard", HINT, "SKIP ~3 USUAL", _L, directed=True, advice=True),
    rule("drops a safeguard", HINT, "SKIPPING ~3 USUAL", _L, advice=True),
    rule(
        "drops a safeguard",
        HINT,
        "backups|tests|review|reviews|approval|checks ~1 not|never needed|necessary|required",
        _L,
        advice=True,
    ),
    rule("drops a safeguard", HINT, "without ~2 UNDONE", _L, advice=True),
    rule("drops a safeguard", HINT, "without a|any ~3 check", _L, advice=True),
    rule(
        "drops a safeguard",
        HINT,
        "share|post|put|keep|store|paste ~3 SECRET ~3 OPEN",
        _L,
        directed=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "override|ignore|disable|cut|silence ~2 LIMIT",
        _L,
        directed=True,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "LIMIT can|may be ignored|skipped|overridden|bypassed",
        _L,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "approve|approving|merge|review your|my|their own",
        _L,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "change|set|edit|adjust|rewrite ~2 expected|threshold|thresholds|assertion|baseline to",
        _L,
        directed=True,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "train|tune|fit on ~2 test set|split|data",
        _L,
        directed=True,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "comment_out|commenting_out|removing|remove ~3 VITAL",
        _L,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "fill|mark|tick ~4 passed|done|approved|checked",
        _L,
        directed=True,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "install|accept|continue|go_on|proceed anyway|regardless",
        _L,
        advice=True,
    ),
    rule("drops a safeguard", HINT, "take|make|run|use no ~1 backup|backups|test|tests|checks", _L),
    rule(
        "drops a safeguard",
        HINT,
        "the|this ~2 sandbox|check|firewall can_be switched_off|disabled|skipped",
        _L,
        advice=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "auto-approve|approve every|each|all|any ~2",
        _L,
        advice=True,
        directed=True,
    ),
    rule(
        "drops a safeguard",
        HINT,
        "approve|accept|merge them|it ~1 without|in_any|at_once",
        _L,
        advice=True,
    ),
    rule(
        "does not ask",
        HINT,
        "do_not|don't|without|no_need_to|never|needn't ASK ~2 YES",
        _L,
    ),
    rule("does not ask", HINT, "do_so|go_ahead|proceed|act|done without asking", _L),
    rule(
        "does not ask", HINT, "without asking|confirmation|approval|verification", _L, advice=True
    ),
    rule("does not ask", HINT, "already|pre approved|authorised|authorized|verified", _L),
    rule("does not ask", HINT, "is|are|was preapproved|pre-approved", _L),
    rule("does not ask", HINT, "without looking|review|human|checking", _L, advice=True),
    rule(
        "claims falsely",
        HINT,
        "claim|pretend|report|say|mark|return that|as|success|the ~3 ran|passed|success|"
        "done|approved|running|check",
        _L,
        directed=True,
        advice=True,
    ),
    *(literal("drops a safeguard", ENOUGH, flag, advice=True) for flag in _FLAGS),
)
