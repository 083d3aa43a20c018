"""A simulation that repeats: real use cases, real provider clients and the companies' simulators in
one loop, one thread, one seed. It strikes them with faults, kills them between any two steps, and
compares the companies' books with ours when all is quiet.
"""
