"""What goes wrong at the venue on purpose: by a script, by chance from a seed, request by request.

In: a plan. Out: each request's fault, carried out between the socket and the venue, which knows
nothing of it. Refuses a plan that says what no fault has.
"""
