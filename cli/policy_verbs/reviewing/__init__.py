"""A review of a change of policy: judged, played and told, in steps that a workflow runs apart.

In: the sets of two folders. Out: `judge.json`, `play.json`, SARIF, annotations, and one comment.
The verdict comes from judging alone. Playing runs what strategies bring along, and so has no say.
"""
