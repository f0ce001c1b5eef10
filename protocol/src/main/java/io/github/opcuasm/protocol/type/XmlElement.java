package io.github.opcuasm.protocol.type;

/**
 * A fragment of XML (Part 6, 5.1.2).
 *
 * @param fragment the text as it was sent, not parsed
 */
public record XmlElement(String fragment) {}
