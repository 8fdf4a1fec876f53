"""Pairs of assertions written by hand: how people word one rule twice, or its contrary.

Under each label, the new assertion and, indented, the old one. `new` as a label means: near in
topic, another claim.
"""

from collections.abc import Iterator
from typing import Final

# Written before the rules that are measured on them.
_FIRST: Final = """
[duplicate]
Never deploy on a Friday afternoon.
    Don't ship anything late on Fridays.
Retry failed calls with exponential backoff.
    Back off exponentially when retrying calls that failed.
Every agent must write to its own state file.
    Each agent writes only to a state file of its own.
Test that backups can be restored.
    Make sure your backups restore by testing them.
Don't log access tokens.
    Access tokens must never be written to the logs.
Set a timeout on every network call.
    All network calls need a timeout.
Ask the owner before deleting data.
    Before any data is deleted, ask its owner.
Avoid sharing one database between two services.
    Two services should not share one database.
Pin the version of the base image.
    Base images should have a pinned version.
Roll out to one region first.
    First roll out to a single region.
Only the release manager may merge to main.
    Merging to main is reserved for the release manager.
Keep the connection pool below 50 connections.
    The pool should have fewer than 50 connections.
Stop the job after 30 seconds.
    The job must be stopped after half a minute.
Rotate the keys every 90 days.
    Keys have to be rotated every ninety days.
An agent must not approve its own work.
    No agent may approve its own work.
Verify the result before reporting success.
    Don't report success before the result has been verified.
Always run the tests before merging.
    Never merge without running the tests.
Use prepared statements for SQL.
    SQL should go through prepared statements.
Prefer small deploys over large ones.
    Make small deploys rather than large ones.
Check the certificate's expiry date daily.
    Once a day, check when the certificate expires.
Flag stale data visibly; never present it as current.
    Stale data must be flagged, and not shown as if it were current.
Outgoing e-mail requires the founder's approval.
    No e-mail goes out without approval by the founder.
Drain the node before rebooting it.
    A node must be drained before it is rebooted.
Limit the agent to ten tool calls per task.
    An agent gets at most 10 tool calls for a task.
Write the reason into the ticket when you close it.
    When closing a ticket, write down the reason in it.
The file wins when file and memory conflict.
    If memory and file disagree, the file wins.
[supports]
Retries without jitter brought the payment service down.
    Add jitter to retries.
We lost a day of orders because nobody had tried a restore.
    Test that backups can be restored.
A Friday deploy kept three people up all weekend.
    Never deploy on a Friday afternoon.
Tokens found in a log bundle had to be revoked.
    Don't log access tokens.
A call without a timeout held all our worker threads.
    Set a timeout on every network call.
Small batches made it easy to see which change broke checkout.
    Prefer small deploys over large ones.
Two agents writing one file lost each other's updates.
    Every agent must write to its own state file.
An agent that graded itself passed every broken build.
    An agent must not approve its own work.
[refines]
Retry failed calls with exponential backoff, but only if they are idempotent.
    Retry failed calls with exponential backoff.
Set a timeout on every network call, shorter than the caller's own.
    Set a timeout on every network call.
Roll out to one region first and wait an hour for alarms.
    Roll out to one region first.
Ask the owner before deleting production data.
    Ask the owner before deleting data.
Drain the node before rebooting it, except when it is already out of rotation.
    Drain the node before rebooting it.
For tables above a million rows, build indexes concurrently.
    Build indexes concurrently.
Pin the version of the base image by digest in production builds.
    Pin the version of the base image.
Page the on-call engineer at night only when customers are affected.
    Page the on-call engineer.
[contradicts]
Deploying on Fridays is fine.
    Never deploy on Fridays.
Failed payments must not be retried automatically.
    Retry failed payments automatically.
Agents may send e-mail without approval.
    Sending e-mail requires approval.
All agents share one state file.
    Agents must not share a state file.
The call should time out after 30 seconds.
    The call should time out after 5 seconds.
Run migrations after the deploy.
    Run migrations before the deploy.
Disable autoscaling during a load test.
    Leave autoscaling enabled during a load test.
Increase the batch size when memory is short.
    Decrease the batch size when memory is short.
Memory wins over the file when they conflict.
    The file wins over memory when they conflict.
Keep at least five replicas of the index.
    Keep at least two replicas of the index.
Agents are allowed to merge their own changes.
    Agents are forbidden to merge their own changes.
Log the full request body.
    Never log the full request body.
The cache need not be warmed before a release.
    Warm the cache before a release.
Skip the integration tests on hotfixes.
    Always run the integration tests on hotfixes.
Use more than one writer for the queue.
    Use no more than one writer for the queue.
Alerts should go to the whole team rather than the owner.
    Alerts should go to the owner rather than the whole team.
Give the agent write access to production.
    Don't give agents write access to production.
Keep logs for 30 days.
    Keep logs for one year.
Customers can be contacted without asking the founder.
    Never contact customers without asking the founder.
We no longer pin dependencies.
    Pin dependencies.
Caching responses of the pricing API is safe.
    Do not cache responses of the pricing API.
The service listens on port 8443.
    The service listens on port 8080.
Start with the most expensive check.
    Start with the cheapest check.
Let retries happen at once.
    Retries must never happen at once; wait first.
Build with Python 3.9.
    Build with Python 3.12.
Alert when the error rate is above 5 %.
    Alert when the error rate is above 0.5 percent.
[new]
Set a timeout on the database connection.
    Set a lock timeout for migrations.
Backups should be encrypted.
    Backups should be kept in another region.
Never log passwords.
    Never mail passwords.
Rotate the API keys every 90 days.
    Rotate the logs every 7 days.
Retry reads up to three times.
    Keep three copies of each backup.
Do not restart the primary during a failover.
    Restart the workers after a failover.
Agents must not write to the billing system.
    Agents should write a summary of each session.
The Friday report goes to the founder.
    Never deploy on a Friday afternoon.
Give every alert an owner.
    Give every queue a limit.
Drop the old index once the new one is valid.
    Build the new index concurrently.
"""

# Written after the rules were chosen, and judged once before anything was changed on their account:
# duplicates 6 of 14, contradictions 12 of 20, one contradiction called a duplicate.
_LATER: Final = """
[duplicate]
Do not page anybody for a warning.
    Warnings must never page anyone.
Mask card numbers in support tickets.
    Card numbers in support tickets have to be masked.
Reject uploads larger than 20 MB.
    Uploads above 20 megabytes should be rejected.
Keep two reviewers on every schema change.
    Every schema change needs two reviewers.
Back up the ledger hourly.
    The ledger should be backed up each hour.
Never trust the client's clock.
    Don't rely on the clock of the client.
Close the incident only after the customer confirms.
    Only close the incident once the customer has confirmed.
Restart consumers one at a time.
    Consumers should be restarted one by one.
Don't let the planner call tools directly.
    The planner must not call tools directly.
Wait ten seconds before reconnecting.
    Before reconnecting, wait 10 s.
Use UTC in all log lines.
    All log lines should use UTC.
A human signs off every refund over $100.
    Every refund over 100 dollars is signed off by a human.
Do not reuse request ids.
    Request ids should not be reused.
Avoid long transactions on the primary.
    Do not run long transactions on the primary.
[contradicts]
Warnings should page the on-call engineer.
    Warnings must not page the on-call engineer.
Reject uploads larger than 20 MB.
    Accept uploads larger than 20 MB.
One reviewer is enough for a schema change.
    A schema change needs two reviewers.
The planner may call tools directly.
    The planner must not call tools directly.
Run long transactions on the primary.
    Avoid long transactions on the primary.
It is safe to reuse request ids.
    Do not reuse request ids.
Refunds over $100 go out automatically.
    Refunds over $100 need approval by a human.
Restart all consumers at once.
    Restart consumers one at a time.
Use local time in all log lines.
    Use UTC in all log lines.
Wait a minute before reconnecting.
    Reconnect immediately, without waiting.
Deploy the consumer before the producer.
    Deploy the producer before the consumer.
Keep the feature flag after the rollout.
    Remove the feature flag after the rollout.
Keep the canary below 5 % of traffic.
    Keep the canary at 25 % of traffic.
Let the agent delete branches.
    The agent is not allowed to delete branches.
Summaries must include customer names.
    Summaries must leave out customer names.
Sessions expire after 15 minutes.
    Sessions expire after 8 hours.
We stopped reviewing generated code.
    Review generated code.
Nobody needs to approve a rollback.
    A rollback must be approved by the owner.
Prefer polling to webhooks.
    Prefer webhooks to polling.
Scale down slowly and up quickly.
    Scale up slowly and down quickly.
[new]
Do not page anybody for a warning.
    Page the owner when a backup fails.
Sessions expire after 15 minutes.
    Tokens expire after 8 hours.
Restart consumers one at a time.
    Never restart the database during business hours.
Reject uploads larger than 20 MB.
    Accept payments smaller than 20 dollars.
Write to the primary only.
    Never write to the archive.
Keep two reviewers on every schema change.
    Keep five copies of every backup.
Do not email customers from the staging system.
    Email customers when an export is ready.
Delete temporary files after a run.
    Do not delete audit logs.
Stop the import when a row is malformed.
    Do not stop the export when a row is empty.
The evaluator must not see the answer key.
    The trainer sees the answer key.
[refines]
Restart consumers one at a time, five minutes apart.
    Restart consumers one at a time.
Unless the backlog is growing, restart consumers one at a time.
    Restart consumers one at a time.
Use UTC in all log lines, with milliseconds.
    Use UTC in all log lines.
Mask card numbers and names in support tickets.
    Mask card numbers in support tickets.
"""


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    """Label, new and old of each pair."""
    label = new = ""
    for line in text.strip().splitlines():
        if line.startswith("["):
            label = line.strip("[]")
        elif line.startswith(" "):
            yield label, new, line.strip()
        else:
            new = line


BY_HAND: Final = tuple(_pairs(_FIRST))
LATER: Final = tuple(_pairs(_LATER))
