"""The long job: a session that can be stopped at any instant, and goes on where it was.

Cases are drawn in blocks. What a block contributes to the results depends on the conditions of the
campaign, the backend and the block's number, and on nothing else; so it does not matter when, in
which order and by which process blocks are drawn, as long as each is counted once.
"""
