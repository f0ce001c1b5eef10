package io.github.opcuasm.protocol.type;

/** A vendor's diagnostic record (Part 4, 7.12). The protocol carries that there was one, as null, not what it says. */
public enum DiagnosticInfo {
    PRESENT
}
