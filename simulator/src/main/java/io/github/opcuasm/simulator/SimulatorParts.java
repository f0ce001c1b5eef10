package io.github.opcuasm.simulator;

import java.time.InstantSource;

/** What a simulator keeps over its starts, for the {@link ServerRun} of each. */
record SimulatorParts(
        String hostname,
        int threads,
        InstantSource clock,
        Waves waves,
        Producers producers,
        WriteLog writes,
        Calls calls,
        Limits limits,
        Counters counters,
        Connections connections,
        Faults faults,
        ModelSettings model,
        ServedDirectory files,
        boolean aggregates,
        ServerSecurity security) {}
