package io.github.opcuasm.protocol.type;

/**
 * A file that was created in a directory (Part 20, 4.3.4).
 *
 * @param fileHandle what the open file is read and written with, 0 to 2^32 - 1; 0 if it was not opened
 */
public record CreateFileResult(NodeId fileNodeId, long fileHandle) {}
