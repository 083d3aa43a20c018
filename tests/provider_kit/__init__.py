"""The kit under the providers: faults, breaker, guard, registry, the simulators' site."""
