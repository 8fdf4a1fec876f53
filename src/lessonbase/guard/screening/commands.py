"""Orders to the reader: drop your rules, be someone else, keep it from the user, obey this note.

Phrases were collected from the published sorts of attack (direct and indirect injection, planted
memories) and put in our own words; see tests/data/screening_cases.jsonl.
"""

from typing import Final

from lessonbase.guard.screening.found import CERTAIN, ENOUGH, HINT
from lessonbase.guard.screening.phrases import Rule, raw, rule

_L: Final = {
    "DROP": "ignore|disregard|forget|override|overrule|overlook|neglect|bypass|dismiss|abandon|"
    "discard|revoke|suspend|disobey|stop_following|stop_obeying|stop_applying|do_not_follow|"
    "don't_follow|do_not_obey|pay_no_attention_to|set_aside|throw_away|throw_out|break",
    "PRIOR": "previous|prior|earlier|above|preceding|former|foregoing|original|initial|your|system|"
    "developer|safety|operator's|developer's",
    "ORDERS": "instruction|instructions|prompt|prompts|rule|rules|guideline|guidelines|directive|"
    "directives|directions|command|commands|guardrails|constraints|restrictions|policies|"
    "programming|training|orders|safeguards",
    "FIRM": "instructions|guidelines|directives|directions|guardrails|safeguards|rules|"
    "restrictions|"
    "prompts|orders",
    "LAPSED": "no_longer_apply|no_longer_applies|no_longer_count|no_longer_valid|no_longer_bind|"
    "are_void|are_suspended|are_lifted|are_cancelled|are_off|is_off|do_not_apply|are_disabled|"
    "is_lifted",
    "REVEAL": "reveal|print|show|repeat|output|display|disclose|recite|dump|expose|leak|return|"
    "share|"
    "tell|give|include|append|write|quote|copy|send|paste|state",
    "INNER": "system|initial|hidden|original|internal|secret|first|starting|developer",
    "PROMPT": "prompt|prompts|instructions|message|directives",
    "NOT": "do_not|don't|dont|never|must_not|may_not|not_to|without|shall_not",
    "TELL": "tell|telling|inform|informing|notify|notifying|alert|alerting|warn|warning|let",
    "WATCHER": "user|users|owner|human|humans|operator|anyone|anybody|developer|developers|admin|"
    "reviewer|reviewers|them|someone|person",
    "HENCE": "from_now_on|from_this_point_on|from_this_point_forward|from_here_on|henceforth|"
    "from_this_moment_on|for_all_future|in_all_future|in_every_future|for_every_future|in_all_your|"
    "in_every_answer|in_every_reply|in_every_response|in_each_answer|in_each_reply",
    "REPLY": "answer|answers|reply|replies|respond|responds|responses|say|recommend|conversations|"
    "pretend|obey|speak|treat",
    "THIS": "this|these|the_present",
    "NOTE": "note|memory|entry|record|lesson|message|text|instruction|prompt|line|sentence|notes",
    "ALL": "all|any|every|everything|your|system|previous|earlier|developer|safety|user|user's|"
    "guidelines|other",
    "SEE": "see|sees|read|reads|hear|hears|encounter|encounters|find|finds|receive|receives|"
    "contains|"
    "contain|holds|mentions|appears|includes|notice",
    "TOKEN": "word|words|phrase|string|token|sequence|keyword|marker|tokens|code",
    "DO": "reply|answer|respond|classify|approve|skip|obey|trust|transfer|grant|send|run|execute|"
    "delete|ignore|accept|disable",
    "AI": "ai|llm|language_model|assistant|chatbot|model|bot|agent|chatgpt|claude|gpt|copilot",
    "EACH": "every|each|all|any|your|other",
}


def _command(strength: float, name: str, *lines: str, directed: bool = False) -> list[Rule]:
    return [rule(name, strength, line, _L, directed=directed) for line in lines]


RULES: Final[tuple[Rule, ...]] = (
    *_command(CERTAIN, "override", "DROP ~3 PRIOR ~2 ORDERS", directed=True),
    *_command(
        ENOUGH,
        "override",
        "DROP all|any|every of? the|your|these? FIRM",
        "DROP ~3 ORDERS ~1 you|given",
        "DROP whatever|everything|anything|all you were|are|have_been told|given|taught",
        "DROP the ORDERS|context above|before",
        "forget everything|all ~3 told|before|know|learned",
        directed=True,
    ),
    raw(
        "override",
        ENOUGH,
        r"\b(?:ignore|disregard|forget) (?:everything|anything|all|what is) (?:that (?:is|was|"
        r"came) )?(?:written |said )?(?:above|before)(?= ?(?:[.,;:!]|$|and\b))",
        "ignore disregard forget",
    ),
    *_command(
        ENOUGH,
        "override",
        "your|system|safety|content|earlier ~2 ORDERS ~4 LAPSED",
        "rules|instructions in your ~4 LAPSED",
        "safety|content|your rules|policy|filters|guardrails is|are off|lifted|disabled|suspended|"
        "void",
        "your new|real|true|actual|updated ~1 role|task|instructions|goal|purpose|mission|identity|"
        "owner|master|directive is|are",
        "new|updated instructions|directives|orders for the|any|you? AI",
    ),
    raw(
        "override",
        ENOUGH,
        r"(?:^|[.!?;:>#*-] ?)(?:new|updated|revised) (?:instructions?|directives?|orders?|task) ?:",
        "new updated revised",
    ),
    *_command(
        ENOUGH,
        "identity",
        "you are now a|an|dan|free|unrestricted|no_longer|my|under|in_developer|the_assistant|"
        "not_bound",
        "pretend|imagine|act|behave|answer ~5 no|without|free_of ~1 restrictions|limits|filters|"
        "rules|guidelines|guardrails",
        "unfiltered|uncensored|unrestricted|jailbroken model|assistant|ai|chatbot|mode|version",
        "god|jailbreak|dan|unrestricted mode",
        "start_over|continue|act|behave|work as the? AI of",
        "serve|obey the? owner|author|sender|user|writer of this",
        "you are|become dan",
        "stop being|acting|working a|an|the|as",
        "you are a|an|the ~6 from_now_on|henceforth",
    ),
    *_command(HINT, "identity", "enter|enable|activate|switch_to developer|debug|admin|root mode"),
    *_command(ENOUGH, "prompt leak", "REVEAL ~5 your ~1 INNER ~1 PROMPT", directed=True),
    *_command(
        ENOUGH,
        "prompt leak",
        "reveal|disclose|leak|recite|repeat|expose the|your ~1 INNER ~1 PROMPT",
        "reveal|disclose|leak|recite|repeat your ~1 PROMPT|rules",
        directed=True,
    ),
    *_command(HINT, "prompt leak", "REVEAL ~3 the INNER PROMPT verbatim|word_for_word|in_full"),
    *_command(HINT, "word for word", "PROMPT ~6 verbatim|word_for_word"),
)

CONDUCT: Final[tuple[Rule, ...]] = (
    raw(
        "secrecy",
        ENOUGH,
        r"\b(?:do not|don'?t|never|must not|may not|not to|without|shall not) (?:tell|telling|"
        r"inform|informing|notify|notifying|alert|alerting|warn|warning) (?:the |your |any |"
        r"a )?(?:users?|owner|humans?|operator|anyone|anybody|developers?|admin|reviewers?|"
        r"someone)(?= ?(?:$|[.,;!]|\band\b|about (?:this|it|that)|of (?:this|it)|that you\b|"
        r"this\b|anything))",
        "tell telling inform informing notify notifying alert alerting warn warning",
    ),
    *_command(
        ENOUGH,
        "secrecy",
        "NOT mention|reveal|report|disclose|show|say|discuss|quote ~2 this|these ~1 NOTE|rule",
        "NOT mention|reveal|say|disclose|admit ~3 you read|saw|got|were|have|received",
        "not be reported|mentioned|disclosed|revealed|shown to ~1 anybody|anyone|user|owner|nobody",
        "keep this|it between_us|to_yourself",
        "not allowed to see this",
        "say nothing|not_a_word ~2 to ~1 WATCHER",
    ),
    *_command(
        HINT,
        "secrecy",
        "NOT reveal|mention|disclose|explain it|this|why",
        "NOT say|tell why|anyone|anybody",
        "NOT inform|notify|tell ~1 WATCHER",
        "keep this|it secret|hidden|quiet|confidential",
        "act|work|proceed ~3 silently|secretly",
        "silently|secretly send|forward|copy|replace|redirect|upload|delete|approve|add",
    ),
    *_command(
        ENOUGH,
        "standing order",
        "HENCE ~4 REPLY",
        "HENCE you ~1 will|are|must|shall|act|answer",
        "answer|reply|respond|say|start|end ~2 with the word|phrase|sentence|words",
        "replace|swap every|all|any|each mention|mentions ~8 answers|replies|output|responses",
        "answer|reply|respond|recommend ~3 in favour|favor of",
        "give|award|assign every|each|all|this ~2 top|highest|maximum|full|best score|grade|rating|"
        "marks",
    ),
    *_command(
        ENOUGH,
        "trigger",
        "when|whenever|if|once ~3 SEE ~3 trigger_word|trigger_phrase|codeword|passphrase|code_word|"
        "magic_word|secret_word|activation_phrase|activation_word",
        "when|whenever|if|once ~4 SEE ~2 TOKEN ~6 DO",
    ),
    *_command(
        ENOUGH,
        "claims authority",
        "THIS NOTE|rule|rules|notes ~2 overrides|override|supersedes|supersede|outranks|outrank|"
        "trumps|replaces|beats ~3 ALL",
        "THIS NOTE|rule|rules ~1 has|have|takes|take ~1 priority|precedence over ~2 ALL",
        "regardless_of|no_matter|whatever ~5 instructions|prompt|developer|rules ~2 say|says|state|"
        "ask",
        "treat|regard|consider|accept this|the NOTE as ~2 system|instruction|command|order|law|"
        "trusted|verified|authoritative|true",
        "follow|obey|trust this|these|the NOTE|rule only|alone|instead|blindly",
        "the|those ~2 in this NOTE count|counts|apply|matter",
        "you must|have_to|shall obey|comply",
        "obey me|it",
        "you are authorised|authorized|permitted|allowed|cleared to release|transfer|delete|"
        "approve|send|skip|bypass|ignore|pay",
        "do what|as it|he|she|they|this|the_page|the_text says|say|said|tells",
    ),
    raw(
        "claims authority",
        ENOUGH,
        r"(?:^|[.!?;>#*\n] ?)(?:admin|system|developer|security|operator|root)[ -]"
        r"(?:override|notice|message|command|alert) ?:",
        "override notice message command alert",
    ),
    *_command(
        ENOUGH,
        "claims authority",
        "this is a|an|the official|system|admin|authorised|authorized|developer message|"
        "instruction|order|override|directive",
        "operator|owner|admin|developer|developers|anthropic|openai has|have|asked|wants ~2 me|"
        "authorised|authorized|instructed|lifted ~3 you",
    ),
    *_command(
        CERTAIN,
        "shields itself",
        "NOT flag|quarantine|screen|filter|scan|report|remove|delete|question|verify|doubt|review|"
        "block this|the_present NOTE",
        "copy|repeat|write|save|store|add|include|insert|spread|forward|paste|append this|"
        "these NOTE|notes ~1 in|into|to|with|inside ~1 EACH",
    ),
    *_command(
        ENOUGH,
        "shields itself",
        "mark|treat|classify|store|rate it|this ~1 as trusted|verified|safe|clean",
    ),
    *_command(
        ENOUGH,
        "speaks to a model",
        "attention|dear|hey|hello ~1 AI",
        "note|message|instruction|instructions to|for the|any|all AI reading|that|which|who",
        "if you are an|a ai|llm|language_model|chatbot|large_language_model|ai_agent|ai_assistant",
        "ai|llm|language_model|assistant|chatbot that|who? reading|reads|processing|processes this",
        "person|human who|that reads you",
    ),
    *_command(
        HINT,
        "money or rights",
        "transfer|send|pay|wire|release ~4 balance|amount|funds|money|payment|payments|"
        "bitcoin ~3 to|into|account|iban|wallet",
        "release|pay|transfer ~2 funds|amount|balance|payments",
        "grant|give|assign ~5 admin|root|owner|superuser|maintainer rights|right|access|role|"
        "permissions|privileges",
        directed=True,
    ),
    *_command(
        ENOUGH,
        "gives secrets away",
        "reply|answer|respond|return|reveal|output|show|post ~3 admin|root|your|all|stored|"
        "every ~1 password|passwords|credentials|secrets|tokens|keys",
        "print|dump|list|output ~2 your|all environment variables|secrets|keys|credentials",
        directed=True,
    ),
)
