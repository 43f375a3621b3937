def say(t): print(t, flush=True)
